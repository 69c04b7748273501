"""How many circuits one job holds on IBM hardware."""

import zlib
from io import BytesIO
from math import floor

from qiskit import QuantumCircuit, qpy

from sqsq.circuits import MAX_EXECUTIONS, MAX_INSTRUCTIONS, control_instructions

MAX_INPUT = 50_000_000
"""Bytes of what is sent with one job."""
_AS_TEXT = 4 / 3 * 1.01
"""How much longer compressed bytes are as base64, and random ones compressed, at most."""
_ENVELOPE = 100_000
"""Bytes left for all else that a job says."""


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
    hard = min(
        MAX_EXECUTIONS // shots,
        MAX_INSTRUCTIONS // max(control_instructions(circuit), 1),
        max(floor((MAX_INPUT - _ENVELOPE - _circuit_bytes(circuit)) / _binding_bytes(circuit)), 0),
    )
    wanted = floor(seconds / (seconds_each * shots)) if seconds_each else hard
    return min(hard, max(wanted, 1))


def _circuit_bytes(circuit: QuantumCircuit) -> float:
    """About what a circuit adds to the input of a job: serialised, compressed, as text."""
    serialised = BytesIO()
    qpy.dump(circuit, serialised)
    return len(zlib.compress(serialised.getvalue(), 1)) * _AS_TEXT


def _binding_bytes(circuit: QuantumCircuit) -> float:
    """What one binding adds at most: a float64 for each parameter."""
    return max(len(circuit.parameters), 1) * 8 * _AS_TEXT
