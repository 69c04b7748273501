"""A device and its circuits cut down to the qubits in use."""

from collections.abc import Callable

from qiskit import QuantumCircuit, QuantumRegister
from qiskit.circuit import Barrier
from qiskit.transpiler import Target


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
        circuit: A circuit; conditionals keep their bodies and bits.
        qubits: Physical qubits, containing all used ones.
    """
    renumbered = {physical: k for k, physical in enumerate(qubits)}
    small = QuantumCircuit(QuantumRegister(len(qubits), "q"), *circuit.cregs, name=circuit.name)
    for item in circuit.data:
        wires = [circuit.find_bit(qubit).index for qubit in item.qubits]
        kept = [renumbered[wire] for wire in wires if wire in renumbered]
        operation = item.operation
        if operation.name == "barrier":
            operation = Barrier(len(kept))
        if kept and len(kept) == operation.num_qubits:
            small.append(operation, kept, [circuit.find_bit(bit).index for bit in item.clbits])
    return small


def cut_target(
    target: Target, qubits: tuple[int, ...], works: Callable[[str, tuple[int, ...]], bool] | None = None
) -> Target:
    """What a device's target says of some qubits, renumbered 0, 1, ... in their order.

    Args:
        target: The device's.
        qubits: The qubits to keep.
        works: Which instructions, by name and physical qubits, to keep; all if None.
    """
    renumbered = {physical: k for k, physical in enumerate(qubits)}
    properties = target.qubit_properties
    cut = Target(
        num_qubits=len(qubits),
        dt=target.dt,
        qubit_properties=None if properties is None else [properties[qubit] for qubit in qubits],
    )
    for name in target.operation_names:
        everywhere = target[name]
        if everywhere is None or None in everywhere:
            continue
        kept = {
            tuple(renumbered[qubit] for qubit in where): what
            for where, what in everywhere.items()
            if set(where) <= renumbered.keys() and (works is None or works(name, where))
        }
        if kept:
            cut.add_instruction(target.operation_from_name(name), kept, name=name)
    return cut
