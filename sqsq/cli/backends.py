"""``sqsq backends``."""

import json

import click
from rich.console import Console
from rich.table import Table

from sqsq.engines.fake import fake_backend, fake_names


@click.command("backends")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(as_json: bool) -> None:
    """List the backends."""
    console = Console(stderr=True)
    rows = [
        {"name": "aer", "qubits": None, "runs_neurons": True, "idle_noise": None, "what": "ideal simulation"}
    ]
    with console.status("reading the fake backends"):
        for name in fake_names():
            target = fake_backend(name).target
            has_reset = "reset" in target.operation_names
            rows.append(
                {
                    "name": name,
                    "qubits": target.num_qubits,
                    "runs_neurons": has_reset and target.num_qubits > 1,
                    "idle_noise": has_reset and _has_durations(name),
                    "what": "published noise, simulated",
                }
            )
    if as_json:
        click.echo(json.dumps({"backends": rows}))
        return
    table = Table(caption="ibm_<device> (hardware) needs an IBM Quantum account")
    for heading in ("backend", "qubits", "idle noise", ""):
        table.add_column(heading)
    for row in rows:
        note = str(row["what"]) if row["runs_neurons"] else "cannot run neurons: no reset, or one qubit only"
        idle = (
            {None: "", True: "yes", False: "--no-idle-noise"}[row["idle_noise"]]
            if row["runs_neurons"]
            else ""
        )
        table.add_row(str(row["name"]), str(row["qubits"] or "any"), idle, note)
    Console().print(table)


def _has_durations(name: str) -> bool:
    target = fake_backend(name).target
    known = [(target[operation] or {}).get((0,)) for operation in ("measure", "reset")]
    return target.dt is not None and all(found is not None and found.duration is not None for found in known)
