"""``sqsq train-reservoir``."""

import json
import time
from pathlib import Path
from typing import Any, get_args

import click

from sqsq.cli.option_types import INTEGERS
from sqsq.cli.terminal import status
from sqsq.experiments import ReservoirSettings, train_reservoir
from sqsq.learning import Features, accuracy_in_words
from sqsq.shell import shell_command

_DEFAULTS = ReservoirSettings()


@click.command("train-reservoir", context_settings={"show_default": True})
@click.option(
    "--backend",
    default=_DEFAULTS.backend,
    metavar="NAME",
    help="exact, aer, fake_<device> or exact:fake_<device>.",
)
@click.option(
    "--data", default=_DEFAULTS.data, metavar="NAME", help="usps, digits or another of `sqsq data list`."
)
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    help="Folder with the data files; without it they are downloaded.",
)
@click.option("--digits", type=INTEGERS, default="1,7", help="Digits to tell apart.")
@click.option("--ansatz", default=_DEFAULTS.ansatz, metavar="NAME", help="The ansatz of every neuron.")
@click.option("--io-qubits", default=_DEFAULTS.io_qubits, help="N, io qubits of a neuron.")
@click.option("--memory-qubits", default=_DEFAULTS.memory_qubits, help="N^M, memory qubits of a neuron.")
@click.option("--steps", default=_DEFAULTS.steps, help="T, time steps.")
@click.option("--hidden", type=INTEGERS, default="100", help="Widths of the reservoir's layers.")
@click.option("--m", default=_DEFAULTS.m, help="M, encodings of each training image.")
@click.option(
    "--features",
    default=_DEFAULTS.features,
    type=click.Choice(get_args(Features)),
    help="Spike counts of each neuron, or every spike.",
)
@click.option(
    "--inverse-penalty", default=_DEFAULTS.inverse_penalty, help="How closely the read-out is fitted."
)
@click.option("--test-size", type=int, help="Evaluate on the first so many test images; all by default.")
@click.option(
    "--evaluate-on",
    default=_DEFAULTS.evaluate_on,
    type=click.Choice(["test", "validation"]),
    help="Images to evaluate on.",
)
@click.option("--seed", default=_DEFAULTS.seed, help="Seed of the run.")
@click.option("--idle-noise/--no-idle-noise", default=True, help="Noise of waiting qubits.")
@click.option(
    "--run-dir",
    type=click.Path(path_type=Path),
    help="Run directory.  [default: runs/<time>]",
    show_default=False,
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(run_dir: Path | None, as_json: bool, **options: Any) -> None:
    """Train a linear read-out of a fixed spiking network on handwritten digits.

    Weights and angles of the neurons stay as they are drawn; only the read-out of their spikes learns. The
    run directory gets config.json, model.npz, readout.npz and metrics.jsonl.
    """
    directory = run_dir or Path("runs") / time.strftime("train-reservoir-%Y%m%d-%H%M%S")
    settings = ReservoirSettings(**options)
    with status("running the reservoir"):
        run = train_reservoir(settings, run_dir=directory, progress=True)
    if as_json:
        click.echo(json.dumps(run.summary()))
        return
    tested = accuracy_in_words(run.accuracy, run.images)
    fitted = accuracy_in_words(run.accuracy_training, run.images_training)
    click.echo(
        f"single-shot {settings.evaluate_on} accuracy {tested}; on the images that the read-out was fitted "
        f"to {fitted}; {run.usage.executions:,} executions on {settings.backend}, {run.seconds:.1f} s; run "
        f"directory {shell_command(directory)}"
    )
