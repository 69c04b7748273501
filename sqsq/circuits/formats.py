"""Circuits as text and files: OpenQASM 3, QPY, drawings."""

import io

from qiskit import QuantumCircuit
from qiskit.circuit import Measure

from sqsq.errors import UsageError

FORMATS = ("qasm3", "qpy", "text", "png")


def write_circuit(circuit: QuantumCircuit, form: str) -> bytes:
    """Write a circuit in one of ``FORMATS``.

    Args:
        circuit: Any circuit.
        form: ``qasm3`` (OpenQASM 3, which knows one kind of measurement only), ``qpy`` (Qiskit's binary
            form), ``text`` or ``png`` (drawings).

    Raises:
        UsageError: If there is no such format.
    """
    if form == "qasm3":
        from qiskit import qasm3

        program: str = qasm3.dumps(_plain_measurements(circuit))
        return (program.rstrip("\n") + "\n").encode()
    if form == "qpy":
        from qiskit import qpy

        buffer = io.BytesIO()
        qpy.dump(circuit, buffer)
        return buffer.getvalue()
    if form == "text":
        return (str(circuit.draw("text", idle_wires=False, fold=160)) + "\n").encode()
    if form == "png":
        buffer = io.BytesIO()
        circuit.draw("mpl", idle_wires=False, fold=40).savefig(
            buffer, format="png", dpi=150, bbox_inches="tight"
        )
        return buffer.getvalue()
    raise UsageError(f"unknown format {form!r}: choose from {', '.join(FORMATS)}")


def _plain_measurements(circuit: QuantumCircuit) -> QuantumCircuit:
    """The same circuit with ``measure`` where a device's own mid-circuit measurement stands."""
    if "measure_2" not in circuit.count_ops():
        return circuit
    plain = circuit.copy_empty_like()
    for item in circuit.data:
        plain.append(item.replace(operation=Measure()) if item.operation.name == "measure_2" else item)
    return plain
