"""``sqsq cancel``."""

from pathlib import Path

import click

from sqsq.cli.example_command import ExampleCommand
from sqsq.runs import EVALUATIONS, cancel_evaluation, open_run
from sqsq.shell import shell_command


@click.command("cancel", cls=ExampleCommand, examples=("sqsq cancel RUN_DIR",))
@click.argument("run_dir", type=click.Path(path_type=Path))
def command(run_dir: Path) -> None:
    """Stop a run, or an evaluation on a device, and cancel its jobs.

    It stops wherever it runs. What is done is kept, and it can go on: a run by sqsq resume, an evaluation
    (RUN_DIR/evaluations/...) by the command that began it.
    """
    if run_dir.resolve().parent.name == EVALUATIONS:
        click.echo(f"{cancel_evaluation(run_dir)}; the same sqsq evaluate goes on")
        return
    cancelled = open_run(run_dir).cancel()
    click.echo(f"{cancelled}; {shell_command('sqsq', 'resume', run_dir)} goes on")
