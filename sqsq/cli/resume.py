"""``sqsq resume``."""

from pathlib import Path
from typing import Any

import click

from sqsq.cli.example_command import ExampleCommand
from sqsq.cli.resource_options import given, resource_options
from sqsq.cli.training_display import show_training
from sqsq.runs import open_run


@click.command("resume", cls=ExampleCommand, examples=("sqsq resume RUN_DIR",))
@click.argument("run_dir", type=click.Path(path_type=Path))
@resource_options()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(run_dir: Path, as_json: bool, **options: Any) -> None:
    """Go on with a run from the last thing known.

    Jobs that finished meanwhile are fetched, and nothing is sent twice.
    """
    run = open_run(run_dir)
    changes = given(options)
    show_training(
        run.settings.iterations,
        lambda tell: run.resume(on_event=tell, progress=True, **changes),
        as_json,
    )
