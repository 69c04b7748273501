"""``sqsq status``."""

import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from sqsq.experiments import RunStatus, open_run


@click.command("status")
@click.argument("run_dir", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(run_dir: Path, as_json: bool) -> None:
    """Say how a run stands, also while it runs; nothing is asked over the network."""
    status = open_run(run_dir).status()
    if as_json:
        click.echo(json.dumps(status.to_json()))
    else:
        Console().print(_table(status))


def _table(status: RunStatus) -> Table:
    table = Table(title=f"{status.run_dir} on {status.backend}", show_header=False)
    table.add_column(style="dim")
    table.add_column()
    totals = status.totals
    accuracy = "" if status.accuracy is None else f", accuracy {status.accuracy:.4f}"
    rows = [
        ("state", status.state),
        ("iterations", f"{status.iteration} of {status.iterations}{accuracy}"),
        ("jobs" if status.budget is not None else "chunks", _counts(totals.chunks)),
        ("executions done", f"{totals.executions:,}"),
    ]
    if totals.queue_position is not None:
        rows.append(("queue", f"position {totals.queue_position} when last asked"))
    if status.budget is not None:
        rows += [
            (
                "QPU seconds",
                f"{totals.charged:.1f} charged where {totals.estimated_of_charged:.1f} were estimated; "
                f"{totals.estimated:.1f} estimated for all jobs sent",
            ),
            (
                "budget",
                f"{status.spent:.1f} of {status.budget:.1f} spent, "
                f"{max(status.budget - status.spent, 0.0):.1f} left",
            ),
        ]
    if totals.last_reason is not None:
        rows.append(("last failure", totals.last_reason))
    rows.append(("next", status.next))
    for row in rows:
        table.add_row(*row)
    return table


def _counts(states: dict[str, int]) -> str:
    names = {"intent": "being sent", "submitted": "waiting"}
    return (
        ", ".join(f"{count} {names.get(state, state)}" for state, count in sorted(states.items())) or "none"
    )
