"""``sqsq backends``."""

import json
from statistics import median
from typing import Any

import click
from rich.table import Table

from sqsq.cli.example_command import ExampleCommand
from sqsq.cli.terminal import print_table, status
from sqsq.engines import backend_providers, fake_backend, fake_names


@click.command("backends", cls=ExampleCommand, examples=("sqsq backends --json",))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(as_json: bool) -> None:
    """List the backends."""
    with status("reading the fake backends"):
        fakes = [_describe(name) for name in fake_names()]
    ideal = {name: each.summary for each in backend_providers() if not each.device for name in each.names()}
    rows = [{"name": name, "qubits": None, "runs_neurons": True} for name in ideal] + fakes
    if as_json:
        click.echo(json.dumps({"backends": rows}))
        return
    others = (each for each in backend_providers() if each.pattern not in ideal)
    table = Table(caption="; ".join(f"{each.pattern}: {each.summary}" for each in others))
    for heading in ("backend", "qubits", "2q error", "idle noise", "note"):
        table.add_column(heading)
    for row in rows:
        if row["name"] in ideal:
            table.add_row(row["name"], "any", "0", "", ideal[row["name"]])
        elif row["runs_neurons"]:
            idle = "yes" if row["idle_noise"] else "--no-idle-noise"
            error = row["two_qubit_error"]
            note = "" if error < 1 else "its published two-qubit gates fail"
            table.add_row(row["name"], str(row["qubits"]), f"{error:.4f}", idle, note)
        else:
            table.add_row(row["name"], str(row["qubits"]), "", "", "no reset or one qubit: no neurons")
    print_table(table)


def _describe(name: str) -> dict[str, Any]:
    """What a fake backend can do, as JSON types."""
    target = fake_backend(name).target
    first = [
        (target[what] or {}).get((0,)) for what in ("measure", "reset") if what in target.operation_names
    ]
    errors = [
        properties.error
        for what in target.operation_names
        for qubits, properties in (target[what] or {}).items()
        if qubits is not None and len(qubits) == 2 and properties is not None and properties.error is not None
    ]
    return {
        "name": name,
        "qubits": target.num_qubits,
        "runs_neurons": "reset" in target.operation_names and target.num_qubits > 1,
        "two_qubit_error": median(errors) if errors else None,
        "idle_noise": target.dt is not None and all(p is not None and p.duration is not None for p in first),
    }
