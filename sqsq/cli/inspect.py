"""``sqsq inspect``."""

import json
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from sqsq.cli.console import PlainConsole
from sqsq.errors import UsageError
from sqsq.experiments.inspection import inspect_target
from sqsq.report import save_memory_figure


@click.command("inspect")
@click.argument("target")
@click.option("--io-qubits", type=int, default=1, show_default=True, help="N, for an ansatz.")
@click.option("--memory-qubits", type=int, default=1, show_default=True, help="N^M, for an ansatz.")
@click.option("--backend", default="exact", show_default=True, metavar="NAME", help="Or exact:fake_<device>.")
@click.option("--steps", type=int, default=6, show_default=True, help="T, time steps.")
@click.option("--draws", type=int, default=20, show_default=True, help="Random currents and angles to try.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of those.")
@click.option("-o", "output", type=click.Path(path_type=Path), help="Write a picture (PNG) to this file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(target: str, output: Path | None, as_json: bool, **options: Any) -> None:
    """Say what a neuron remembers, by exact calculation.

    TARGET is an ansatz, tried with random angles, or the directory of a trained run, whose neurons are
    inspected with their own angles. No shots are drawn.
    """
    with PlainConsole(stderr=True).status("inspecting"):
        inspections = inspect_target(target, **options)
    if output is not None:
        try:
            save_memory_figure(inspections, output)
        except OSError as error:
            raise UsageError(f"{output} cannot be written: {error.strerror or error}") from error
    summaries = [inspection.summary() for inspection in inspections]
    if as_json:
        click.echo(json.dumps({"target": target, "neurons": summaries}))
        return
    table = Table(
        title=f"{summaries[0]['ansatz']} on {summaries[0]['backend']}",
        caption="memory: the last of the steps back with more than 0.01; a Hankel rank above the number of "
        "classical states rules out a hidden Markov model of so many",
    )
    for heading in ("neuron", "input memory", "spike memory", "Hankel rank", "idle angles"):
        table.add_column(heading)
    for i, summary in enumerate(summaries):
        relation = "<=" if summary["explained_by_classical_states"] else ">"
        table.add_row(
            str(i),
            f"{summary['input_memory_steps']} steps",
            f"{summary['spike_memory_steps']} steps",
            f"{summary['hankel_rank']} {relation} {summary['classical_states']}",
            ", ".join(summary["angles_without_effect"]) or "none",
        )
    PlainConsole().print(table)
