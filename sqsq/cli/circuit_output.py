"""What the subcommands of ``sqsq compile`` share."""

import sys
from pathlib import Path
from typing import Any

import click
from qiskit import QuantumCircuit

from sqsq.circuits import write_circuit
from sqsq.engines import BackendChoice, fake_backend, fake_device_name, is_hardware, open_engine
from sqsq.errors import UsageError
from sqsq.jobs import open_backend


def device_of_name(backend: str | None) -> Any:
    """What circuits are compiled for on a backend, with its target, or None for the abstract circuit.

    A real device is asked for its target over the network; nothing is sent to it.
    """
    if backend is None:
        return None
    if is_hardware(backend):
        return open_backend(BackendChoice(backend)).open_device()  # type: ignore[union-attr]
    open_engine(backend)  # the same answer as everywhere for a backend that does not exist
    name = fake_device_name(backend)
    return None if name is None else fake_backend(name)


def write_out(circuit: QuantumCircuit, form: str, output: Path | None) -> None:
    """Write a circuit to a file, or to stdout.

    Raises:
        UsageError: If the file cannot be written.
    """
    written = write_circuit(circuit, form)
    if output is None:
        sys.stdout.buffer.write(written)
        return
    try:
        output.write_bytes(written)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror or error}") from error
    click.echo(f"written to {output}", err=True)
