"""A circuit ready for simulation, and the errors it runs under."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SimulatedCircuit:
    """A neuron in a simulator's gates.

    Attributes:
        circuit: The same neuron as the template, on as few qubits as it uses.
        gate_errors: The Aer QuantumError that follows an operation, by its name and qubits.
        readout_errors: For each qubit the probabilities P(recorded | true), shape (2, 2), rows true.
    """

    circuit: QuantumCircuit
    gate_errors: dict[tuple[str, tuple[int, ...]], Any] = field(default_factory=dict)
    readout_errors: dict[int, FloatArray] = field(default_factory=dict)

    @property
    def noisy(self) -> bool:
        """Whether there is any error, idle noise in the circuit aside."""
        return bool(self.gate_errors or self.readout_errors)

    def errors(self, name: str, qubits: tuple[int, ...]) -> list[Any]:
        """The errors that follow an operation: one or none."""
        error = self.gate_errors.get((name, qubits))
        return [] if error is None else [error]

    def readout(self, qubit: int) -> FloatArray:
        """P(recorded | true) of a qubit, rows true."""
        return self.readout_errors.get(qubit, np.eye(2))
