"""``sqsq predict``."""

import json
from pathlib import Path

import click

from sqsq.cli.example_command import ExampleCommand
from sqsq.cli.terminal import status
from sqsq.data import read_examples
from sqsq.runs import open_run


@click.command("predict", cls=ExampleCommand, examples=("sqsq predict RUN_DIR examples.npy",))
@click.argument("run_dir", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--backend", metavar="NAME", help="Another simulator than the run's.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of spikes.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(run_dir: Path, file: Path, backend: str | None, seed: int, as_json: bool) -> None:
    """Say what a trained run takes the examples of FILE for.

    FILE is an .npy file, or an .npz file with the array x. A line an example: its number, its class, and the
    share of that class in all spikes of the output neurons.
    """
    with status("predicting"):
        found = open_run(run_dir).predict(read_examples(file), backend=backend, seed=seed)
    if as_json:
        values = {
            "classes": found.classes.tolist(),
            "counts": None if found.counts is None else found.counts.tolist(),
            "probabilities": found.probabilities.tolist(),
            "ties": found.ties,
            "executions": found.usage.executions,
        }
        click.echo(json.dumps(values))
        return
    for k, (name, shares) in enumerate(zip(found.classes, found.probabilities, strict=True)):
        click.echo(f"{k}\t{name}\t{shares.max():.3f}")
