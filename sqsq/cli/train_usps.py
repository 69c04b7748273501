"""``sqsq train-usps``."""

from typing import Any

import click

from sqsq.cli.option_types import INTEGERS
from sqsq.cli.training_options import TrainingCommand, training_options
from sqsq.cli.training_run import run_training, values_given
from sqsq.runs import GRADIENTS, USPS_DIGITS, RunDirectory, known_settings, usps_settings

_MODELS = tuple(GRADIENTS.values())
_SHOWN = ",".join(map(str, USPS_DIGITS))


@click.command(
    "train-usps",
    cls=TrainingCommand,
    models=_MODELS[:1],
    examples=(
        "sqsq train-usps --data digits",
        "sqsq train-usps --backend exact:fake_brisbane --hidden 4 --m 5 --iterations 100",
        "sqsq train-usps --backend ibm_brisbane --zne --dry-run",
    ),
)
@click.option("--digits", type=INTEGERS, help=f"Digits to tell apart.  [default: {_SHOWN}]")
@click.option(
    "--gradient",
    type=click.Choice(tuple(GRADIENTS)),
    help="From shots, or exact ones for the hidden spikes drawn (exact backends only).  [default: shots]",
)
@training_options(_MODELS[:1], without=("model", "classes"))
def command(**options: Any) -> None:
    """Train a spiking network on handwritten digits.

    Every neuron is a dynamic circuit that learns by the local rule. The run directory gets
    config.json, metrics.jsonl, ledger.sqlite, checkpoint.npz, model.npz and training.png. With --resume a
    run goes on with its own settings; those given again must be the same.
    """
    names = {*known_settings("local"), "digits", "gradient"}
    values = values_given(names)
    run_dir = options["run_dir"]
    going_on = options["resume"] and run_dir is not None and RunDirectory(run_dir).holds_run
    values = usps_settings(values, defaults=not going_on)
    for name in names:
        options.pop(name, None)
    run_training("train-usps", values, **options)
