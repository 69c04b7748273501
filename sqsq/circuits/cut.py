"""A device circuit cut down to the qubits it uses."""

from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit.library import Barrier


def used_qubits(circuit: QuantumCircuit) -> tuple[int, ...]:
    """The physical qubits that some operation other than a barrier or a delay acts on, increasing."""
    return tuple(
        sorted(
            {
                circuit.find_bit(qubit).index
                for item in circuit.data
                if item.operation.name not in ("barrier", "delay")
                for qubit in item.qubits
            }
        )
    )


def cut_circuit(circuit: QuantumCircuit, qubits: tuple[int, ...]) -> QuantumCircuit:
    """The same circuit on the given physical qubits alone, renumbered 0, 1, ... in their order.

    Args:
        circuit: A circuit without control flow.
        qubits: Physical qubits, containing all used ones.
    """
    renumbered = {physical: k for k, physical in enumerate(qubits)}
    bits = [ClassicalRegister(register.size, register.name) for register in circuit.cregs]
    small = QuantumCircuit(QuantumRegister(len(qubits), "q"), *bits, name=circuit.name)
    for item in circuit.data:
        wires = [circuit.find_bit(qubit).index for qubit in item.qubits]
        kept = [renumbered[wire] for wire in wires if wire in renumbered]
        operation = item.operation
        if operation.name == "barrier":
            operation = Barrier(len(kept))
        if kept and len(kept) == operation.num_qubits:
            small.append(operation, kept, [circuit.find_bit(bit).index for bit in item.clbits])
    return small
