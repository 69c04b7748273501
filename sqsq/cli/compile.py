"""``sqsq compile``."""

from pathlib import Path

import click
import numpy as np
from qiskit import QuantumCircuit

from sqsq.circuits import (
    FORMATS,
    measure_circuit,
    neuron_circuit,
    neuron_circuit_for_currents,
    transpile_for_device,
)
from sqsq.cli.circuit_output import device_of_name, write_out
from sqsq.cli.compile_network import command as network
from sqsq.cli.example_command import ExampleCommand
from sqsq.cli.option_types import NUMBERS
from sqsq.errors import UsageError
from sqsq.model import Neuron, angles_of_currents
from sqsq.tables import Template


@click.group("compile")
def command() -> None:
    """Emit the dynamic circuit of a neuron or a network."""


command.add_command(network)


@command.command(
    "neuron",
    cls=ExampleCommand,
    examples=(
        "sqsq compile neuron --steps 3 --currents 0.5,0,0.25 --theta 0.4,0,0.1 --format text",
        "sqsq compile neuron --steps 10 --backend fake_brisbane --format qasm3",
    ),
)
@click.option("--steps", type=int, default=10, show_default=True, help="T, time steps.")
@click.option("--ansatz", default="partial-swap", show_default=True, metavar="NAME")
@click.option("--io-qubits", type=int, default=1, show_default=True, help="N, io qubits.")
@click.option("--memory-qubits", type=int, default=1, show_default=True, help="N^M, memory qubits.")
@click.option(
    "--currents", type=NUMBERS, metavar="Z1,Z2,...", help="Currents, step by step, io qubit by io qubit."
)
@click.option("--theta", type=NUMBERS, metavar="ENT,IN,MEM", help="Circuit angles, radians, for every step.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="qasm3", show_default=True)
@click.option("--backend", metavar="NAME", help="Transpile to this device.")
@click.option("-o", "output", type=click.Path(path_type=Path), help="File to write; stdout by default.")
def neuron(
    steps: int,
    ansatz: str,
    io_qubits: int,
    memory_qubits: int,
    currents: tuple[float, ...] | None,
    theta: tuple[float, ...] | None,
    form: str,
    backend: str | None,
    output: Path | None,
) -> None:
    """Emit one neuron over T time steps.

    Without --currents and --theta the circuit stays parametric. An RX of the current is emitted only
    where the current is positive (not 0, for an ansatz that is not rectified). Depth, two-qubit gates and
    duration go to stderr.
    """
    circuit = _bound_circuit(Template(Neuron(io_qubits, memory_qubits, ansatz), steps), currents, theta)
    device = device_of_name(backend)
    if device is not None:
        circuit = transpile_for_device(circuit, device)
    click.echo(f"{measure_circuit(circuit, device)} on {backend or 'no device'}", err=True)
    write_out(circuit, form, output)


def _bound_circuit(
    template: Template, currents: tuple[float, ...] | None, theta: tuple[float, ...] | None
) -> QuantumCircuit:
    """The abstract circuit, with what is given bound."""
    steps, io_qubits = template.phi_shape
    compiled = neuron_circuit(template)
    if currents is not None:
        expected = f"{steps * io_qubits} finite numbers ({steps} steps of {io_qubits} io qubits)"
        _check_numbers("currents", currents, steps * io_qubits, expected)
        phi = angles_of_currents(currents, template.neuron.definition.rectified)
        phi = phi.reshape(template.phi_shape)
        compiled = neuron_circuit_for_currents(template, phi)
    if theta is None:
        return compiled.circuit
    names = [angle.name for angle in template.neuron.angles]
    _check_numbers("theta", theta, len(names), f"{len(names)} finite numbers: {', '.join(names)}")
    values = dict(zip(compiled.theta, np.tile(theta, steps).tolist(), strict=True))
    return compiled.circuit.assign_parameters(values)


def _check_numbers(option: str, numbers: tuple[float, ...], count: int, expected: str) -> None:
    if len(numbers) != count or not np.isfinite(numbers).all():
        raise UsageError(f"--{option} is {','.join(f'{x:g}' for x in numbers)}: must be {expected}")
