"""``sqsq compile network``."""

import os
from pathlib import Path
from typing import get_args

import click

from sqsq.circuits import (
    FORMATS,
    bind_parameters,
    check_drawing_size,
    check_network_size,
    check_plan_size,
    circuit_limits,
    device_site,
    fuse,
    measure_circuit,
)
from sqsq.cli.circuit_output import device_of_name, write_out
from sqsq.cli.example_command import ExampleCommand
from sqsq.cli.given_options import given_options
from sqsq.errors import UsageError
from sqsq.runs import network_of
from sqsq.tables import Lowering, plan_fused


@click.command(
    "network",
    cls=ExampleCommand,
    examples=("sqsq compile network RUN_DIR --image 3 --backend fake_boston --format qpy -o network.qpy",),
)
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "--image", type=click.IntRange(0), default=0, show_default=True, help="Test image of a run to encode."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of its encoding.")
@click.option("--lowering", type=click.Choice(get_args(Lowering)), help="Form of conditional rotations.")
@click.option("--prune", type=float, default=0.0, show_default=True, help="Leave out rotations up to this.")
@click.option("--bind/--parametric", default=True, show_default=True, help="Put in the angles.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="qasm3", show_default=True)
@click.option("--backend", metavar="NAME", help="Place it on this device.")
@click.option("-o", "output", type=click.Path(path_type=Path), help="File to write; stdout by default.")
def command(
    target: Path,
    image: int,
    seed: int,
    lowering: Lowering | None,
    prune: float,
    bind: bool,
    form: str,
    backend: str | None,
    output: Path | None,
) -> None:
    """Emit a whole network as one dynamic circuit.

    TARGET is a run directory, or a JSON description (inputs, neurons, edges, outputs, theta, spikes). Spikes
    of neurons feed forward into the angles of others. Counts, duration and how the circuit stands against
    the limits of hardware go to stderr.
    """
    alone = [f"--{name}" for name in ("image", "seed") if name in given_options()]
    if alone and os.path.isfile(target):
        raise UsageError(f"{', '.join(alone)}: for a run; a description has spikes of its own")
    described = network_of(target, image, seed)
    check_network_size(described.network, described.parameters.weights, len(described.spikes))
    device = device_of_name(backend)
    angles = plan_fused(
        described.network, described.parameters, described.spikes[None], form=lowering, prune=prune
    )
    check_plan_size(angles.plan)
    site = None if device is None else device_site(described.network.neurons, device)
    fused = fuse(angles.plan, site)
    circuit = fused.circuit
    check_drawing_size(circuit.size(), form)
    measures = measure_circuit(circuit, device)
    click.echo(f"{measures} on {backend or 'no device'}", err=True)
    click.echo(f"{angles.plan.conditionals} conditional rotations a step", err=True)
    if prune:
        click.echo(f"pruning moves a current angle by at most {angles.error:.3g} rad", err=True)
    limits = circuit_limits(circuit)
    for limit in limits:
        click.echo(f"{'' if limit.kept else 'EXCEEDED '}{limit}", err=True)
    if bind:
        values = dict(zip((*fused.phi, *fused.theta), fused.values(angles)[0].tolist(), strict=True))
        circuit = bind_parameters(circuit, values)
    write_out(circuit, form, output)
