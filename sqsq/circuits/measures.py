"""What a circuit costs: depth, two-qubit gates, duration."""

from dataclasses import dataclass
from typing import Any

from qiskit import QuantumCircuit

from sqsq.circuits.schedule import duration
from sqsq.errors import BackendError


@dataclass(frozen=True)
class CircuitMeasures:
    """Counts of a circuit.

    Attributes:
        qubits: The qubits that some operation acts on.
        depth: The longest chain of operations, barriers not counted.
        two_qubit_gates: The number of two-qubit gates.
        measurements: The number of measurements.
        seconds: How long a shot takes, or None where no device is named or it publishes no durations.
    """

    qubits: int
    depth: int
    two_qubit_gates: int
    measurements: int
    seconds: float | None

    def __str__(self) -> str:
        time = "unknown" if self.seconds is None else f"{self.seconds * 1e6:.2f} us"
        return (
            f"{self.qubits} qubits, depth {self.depth}, {self.two_qubit_gates} two-qubit gates, "
            f"{self.measurements} measurements, duration {time}"
        )


def measure_circuit(circuit: QuantumCircuit, backend: Any = None) -> CircuitMeasures:
    """Count what a circuit holds.

    Args:
        circuit: An abstract circuit, or one transpiled to ``backend``.
        backend: The Qiskit BackendV2 it was transpiled to, or None.
    """
    seconds = None
    if backend is not None:
        try:
            seconds = duration(circuit, backend.target, backend.name)
        except BackendError:  # old devices publish no durations: the measure says so
            seconds = None
    real = [item for item in circuit.data if item.operation.name not in ("barrier", "delay")]
    return CircuitMeasures(
        qubits=len({qubit for item in real for qubit in item.qubits}),
        depth=circuit.depth(lambda item: item.operation.name not in ("barrier", "delay")),
        two_qubit_gates=sum(len(item.qubits) == 2 for item in real),
        measurements=sum(item.operation.name.startswith("measure") for item in real),
        seconds=seconds,
    )
