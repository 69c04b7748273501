"""What a circuit does, as text that is the same in every run and on every machine."""

from qiskit import QuantumCircuit


def canonical_text(circuit: QuantumCircuit) -> str:
    """List the instructions with qubit and bit indices; names of registers play no part.

    Serialised circuits (QPY) hold random identifiers, so they cannot tell whether two are equal.
    """
    lines = [f"{circuit.num_qubits} {circuit.num_clbits}"]
    for item in circuit.data:
        operation = item.operation
        qubits = ",".join(str(circuit.find_bit(qubit).index) for qubit in item.qubits)
        bits = ",".join(str(circuit.find_bit(bit).index) for bit in item.clbits)
        params = ";".join(
            "{" + canonical_text(value) + "}" if isinstance(value, QuantumCircuit) else str(value)
            for value in operation.params
        )
        condition = getattr(operation, "condition", None)
        lines.append(f"{operation.name} {qubits} {bits} {params} {condition or ''}".rstrip())
    return "\n".join(lines)
