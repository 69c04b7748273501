"""How many circuits one job holds on IBM hardware."""

from math import floor

from qiskit import QuantumCircuit

from sqsq.circuits.limits import MAX_EXECUTIONS, MAX_INSTRUCTIONS, control_instructions


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
