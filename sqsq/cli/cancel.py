"""``sqsq cancel``."""

from pathlib import Path

import click

from sqsq.runs import open_run
from sqsq.shell import shell_command


@click.command("cancel")
@click.argument("run_dir", type=click.Path(path_type=Path))
def command(run_dir: Path) -> None:
    """Stop a run and cancel its jobs.

    It stops wherever it runs. What is done is kept, and the run can be resumed.
    """
    cancelled = open_run(run_dir).cancel()
    click.echo(f"{cancelled}; {shell_command('sqsq', 'resume', run_dir)} goes on")
