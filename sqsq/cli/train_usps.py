"""``sqsq train-usps``."""

from typing import Any

import click

from sqsq.cli.training_options import TrainingCommand, setting_option, training_options
from sqsq.cli.training_run import run_training


@click.command(
    "train-usps",
    cls=TrainingCommand,
    examples=(
        "sqsq train-usps --data digits",
        "sqsq train-usps --backend exact:fake_brisbane --hidden 4 --m 5 --iterations 100",
        "sqsq train-usps --backend ibm_brisbane --zne --dry-run",
    ),
)
@setting_option("data", "usps, digits or another data set of `sqsq data list`.", metavar="NAME")
@setting_option("digits", "Digits to tell apart.")
@training_options
def command(**options: Any) -> None:
    """Train a spiking network on handwritten digits.

    Every neuron is a dynamic circuit that learns by the local rule. The run directory gets
    config.json, metrics.jsonl, ledger.sqlite, checkpoint.npz, model.npz and training.png. With --resume a
    run goes on with its own settings; those given again must be the same.
    """
    run_training("train-usps", **options)
