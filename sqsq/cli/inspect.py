"""``sqsq inspect``."""

import json
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from sqsq.cli.example_command import ExampleCommand
from sqsq.cli.given_options import given_options
from sqsq.cli.terminal import print_table, status
from sqsq.engines.exact import NOTICEABLE
from sqsq.errors import UsageError
from sqsq.model import ansatz_names
from sqsq.report import save_memory_figure
from sqsq.runs import inspect_target


@click.command(
    "inspect",
    cls=ExampleCommand,
    examples=(
        "sqsq inspect partial-swap -o memory.png",
        "sqsq inspect RUN_DIR --backend exact:fake_brisbane",
    ),
)
@click.argument("target")
@click.option("--io-qubits", type=int, default=1, show_default=True, help="N, for an ansatz.")
@click.option("--memory-qubits", type=int, default=1, show_default=True, help="N^M, for an ansatz.")
@click.option("--backend", default="exact", show_default=True, metavar="NAME", help="Or exact:fake_<device>.")
@click.option("--steps", type=int, default=6, show_default=True, help="T, time steps.")
@click.option("--draws", type=int, default=20, show_default=True, help="Random currents and angles to try.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of those.")
@click.option("-o", "output", type=click.Path(path_type=Path), help="Write a picture (PNG) to this file.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(target: str, output: Path | None, as_json: bool, **options: Any) -> None:
    """Say what a neuron remembers, by exact calculation.

    TARGET is an ansatz, tried with random angles, or the directory of a trained run, whose neurons are
    inspected with their own angles. No shots are drawn.
    """
    given = given_options()
    alone = [name for name in ("io_qubits", "memory_qubits") if name in given]
    if alone and target not in ansatz_names():
        names = ", ".join(f"--{name.replace('_', '-')}" for name in alone)
        raise UsageError(f"{names}: for an ansatz; the neurons of a run have their own")
    with status("inspecting"):
        inspections = inspect_target(target, **options)
    if output is not None:
        save_memory_figure(inspections, output)
    summaries = [inspection.summary() for inspection in inspections]
    if as_json:
        click.echo(json.dumps({"target": target, "neurons": summaries}))
        return
    table = Table(
        title=f"{summaries[0]['ansatz']} on {summaries[0]['backend']}",
        caption=f"memory: how far back more than {NOTICEABLE} reaches, weak below that, and the largest "
        f"value, of {summaries[0]['draws']} draws; a Hankel rank above the number of classical states rules "
        "out a hidden Markov model of so many (by: the singular value that does, against the largest), one "
        "that is not above rules out nothing",
    )
    for heading in ("neuron", "input memory", "spike memory", "Hankel rank", "idle angles"):
        table.add_column(heading)
    for i, summary in enumerate(summaries):
        rank = f"{summary['hankel_rank']} <= {summary['classical_states']}"
        if summary["classical_states_ruled_out"]:
            rank = (
                f"{summary['hankel_rank']} > {summary['classical_states']}, by {summary['hankel_margin']:.2g}"
            )
        table.add_row(
            str(i),
            summary["input_memory_verdict"],
            summary["spike_memory_verdict"],
            rank,
            ", ".join(summary["angles_without_effect"]) or "none",
        )
    print_table(table)
