"""What one job may hold on IBM hardware; the client checks none of it."""

from math import floor

from qiskit import QuantumCircuit

MAX_EXECUTIONS = 10_000_000
"""Executions of one job."""
MAX_INSTRUCTIONS = 26_800_000
"""Control instructions of one qubit in all circuits of one job."""
_WEIGHT = {"measure": 10, "measure_2": 10, "reset": 17, "reset_2": 17, "barrier": 0}
"""How many control instructions an operation is; 1 where not listed."""


def control_instructions(circuit: QuantumCircuit) -> int:
    """The control instructions of the busiest qubit of a circuit."""
    counts = [0] * circuit.num_qubits
    for item in circuit.data:
        inside = max(
            (control_instructions(body) for body in getattr(item.operation, "blocks", ())), default=0
        )
        for qubit in item.qubits:
            counts[circuit.find_bit(qubit).index] += _WEIGHT.get(item.operation.name, 1) + inside
    return max(counts, default=0)


def circuits_per_job(circuit: QuantumCircuit, shots: int, seconds_each: float | None, seconds: float) -> int:
    """How many bindings of a circuit one job takes.

    Args:
        circuit: The device circuit.
        shots: Shots of each binding.
        seconds_each: QPU seconds of one execution, or None if unknown.
        seconds: What a job should take at most, by estimate.

    Returns:
        At least 1 where the limits allow one, else 0.
    """
    hard = min(MAX_EXECUTIONS // shots, MAX_INSTRUCTIONS // max(control_instructions(circuit), 1))
    wanted = floor(seconds / (seconds_each * shots)) if seconds_each else hard
    return min(hard, max(wanted, 1))
