"""``sqsq compile``."""

from pathlib import Path
from typing import Any

import click

from sqsq.cli.option_types import NUMBERS


@click.group("compile")
def command() -> None:
    """Emit the dynamic circuit of a neuron."""


@command.command("neuron")
@click.option("--steps", type=int, default=10, show_default=True, help="T, time steps.")
@click.option(
    "--ansatz", default="partial-swap", show_default=True, metavar="NAME", help="The neuron's ansatz."
)
@click.option("--io-qubits", type=int, default=1, show_default=True, help="N, io qubits.")
@click.option("--memory-qubits", type=int, default=1, show_default=True, help="N^M, memory qubits.")
@click.option(
    "--currents", type=NUMBERS, metavar="Z1,Z2,...", help="Currents, step by step, io qubit by io qubit."
)
@click.option(
    "--theta", type=NUMBERS, metavar="ENT,IN,MEM", help="Circuit angles in radians, the same at every step."
)
@click.option(
    "--format",
    "form",
    default="qasm3",
    show_default=True,
    metavar="qasm3|qpy|text|png",
    help="Output format.",
)
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
    where the current is positive. Depth, two-qubit gates and duration go to stderr.
    """
    from sqsq.circuits import Template, measure_circuit, transpile_for_device, write_circuit
    from sqsq.errors import UsageError
    from sqsq.model import Neuron

    circuit = _bound_circuit(Template(Neuron(io_qubits, memory_qubits, ansatz), steps), currents, theta)
    device = _device(backend)
    if device is not None:
        circuit = transpile_for_device(circuit, device)
    written = write_circuit(circuit, form)
    click.echo(f"{measure_circuit(circuit, device)} on {backend or 'no device'}", err=True)
    if output is None:
        click.get_binary_stream("stdout").write(written)
        return
    try:
        output.write_bytes(written)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror or error}") from error


def _bound_circuit(template: Any, currents: tuple[float, ...] | None, theta: tuple[float, ...] | None) -> Any:
    """The abstract circuit, with what is given bound."""
    import numpy as np

    from sqsq.circuits import neuron_circuit, neuron_circuit_for_currents
    from sqsq.errors import UsageError
    from sqsq.model import angles_of_currents

    steps, io_qubits = template.phi_shape
    angles = template.neuron.angles
    compiled = neuron_circuit(template)
    if currents is not None:
        if len(currents) != steps * io_qubits or not np.isfinite(currents).all():
            raise UsageError(
                f"--currents has {len(currents)} numbers: must be {steps * io_qubits} finite ones "
                f"({steps} steps of {io_qubits} io qubits)"
            )
        phi = angles_of_currents(np.array(currents)).reshape(template.phi_shape)
        compiled = neuron_circuit_for_currents(template, phi)
    if theta is None:
        return compiled.circuit
    if len(theta) != len(angles) or not np.isfinite(theta).all():
        raise UsageError(
            f"--theta has {len(theta)} numbers: must be {len(angles)} finite ones: "
            f"{', '.join(angle.name for angle in angles)}"
        )
    values = dict(zip(compiled.theta, np.tile(theta, steps).tolist(), strict=True))
    return compiled.circuit.assign_parameters(values)


def _device(backend: str | None) -> Any:
    """The Qiskit backend of a name, or None for the abstract circuit."""
    from sqsq.engines import open_engine
    from sqsq.engines.fake import fake_backend

    if backend is None or backend == "aer":
        return None
    open_engine(backend)  # the same answer as everywhere for a backend that does not exist
    return fake_backend(backend)
