"""``sqsq status``."""

import json
from pathlib import Path

import click
from rich.table import Table

from sqsq.cli.example_command import ExampleCommand
from sqsq.cli.terminal import print_table
from sqsq.runs import RunStatus, open_run


@click.command("status", cls=ExampleCommand, examples=("sqsq status RUN_DIR",))
@click.argument("run_dir", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(run_dir: Path, as_json: bool) -> None:
    """Say how a run stands.

    Also while it runs; nothing is asked over the network.
    """
    status = open_run(run_dir).status()
    if as_json:
        click.echo(json.dumps(status.to_json()))
    else:
        print_table(_table(status))
        click.echo(f"next: {status.next}")


def _table(status: RunStatus) -> Table:
    table = Table(title=f"{status.run_dir} on {status.backend}", show_header=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in status.rows():
        if name != "next":  # a command to be pasted stands outside, where it is never folded
            table.add_row(name, value)
    return table
