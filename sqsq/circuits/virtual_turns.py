"""RZ gates cost a device nothing, but a simulator as much as any other gate."""

from qiskit import QuantumCircuit
from qiskit.circuit import ParameterExpression, Qubit


def merge_virtual_turns(circuit: QuantumCircuit) -> QuantumCircuit:
    """Merge RZ gates that meet on a qubit, and drop those right before a measurement or reset.

    The spikes have the same distribution, provided that RZ carries no error: it is a change of frame.

    Args:
        circuit: A circuit for one simulation, without control flow.

    Returns:
        A circuit with fewer operations; turns may move past a barrier.
    """
    merged = circuit.copy_empty_like()
    waiting: dict[Qubit, ParameterExpression | float] = {}  # the turn that each qubit still has to make
    for item in circuit.data:
        name = item.operation.name
        if name == "rz":
            qubit = item.qubits[0]
            waiting[qubit] = waiting.get(qubit, 0.0) + item.operation.params[0]
            continue
        if name != "barrier":
            for qubit in item.qubits:
                angle = waiting.pop(qubit, None)
                if angle is not None and name not in ("measure", "reset"):
                    merged.rz(angle, qubit)
        merged.append(item)
    return merged
