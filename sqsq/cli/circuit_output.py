"""What the subcommands of ``sqsq compile`` share."""

import sys
from pathlib import Path
from typing import Any

import click
from qiskit import QuantumCircuit

from sqsq.circuits import write_circuit
from sqsq.engines import fake_backend, open_engine
from sqsq.errors import UsageError


def device_of_name(backend: str | None) -> Any:
    """The Qiskit backend of a name, or None for the abstract circuit."""
    if backend is None or backend == "aer":
        return None
    open_engine(backend)  # the same answer as everywhere for a backend that does not exist
    return fake_backend(backend.removeprefix("exact:"))


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
