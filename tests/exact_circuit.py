"""The exact joint distribution of a compiled circuit, by walking through its instructions."""

import numpy as np
from qiskit.quantum_info import Operator, Statevector


def circuit_joint(circuit):
    """The joint distribution of all classical bits of a bound circuit.

    Returns:
        Shape (2,) * bits, indexed by bit 0, bit 1, ...
    """
    branches = {(): Statevector.from_int(0, 2**circuit.num_qubits).data}
    for item in circuit.data:
        qubits = [circuit.find_bit(q).index for q in item.qubits]
        name = item.operation.name
        grown = {}
        for bits, state in branches.items():
            if name == "barrier":
                grown[bits] = state
            elif name == "measure":
                for outcome in (0, 1):
                    grown[*bits, (circuit.find_bit(item.clbits[0]).index, outcome)] = project(
                        state, qubits[0], outcome
                    )
            elif name == "reset":
                one = project(state, qubits[0], 1)
                zero = project(state, qubits[0], 0)
                # a reset follows a measurement here, so one of the two is empty
                assert min(np.linalg.norm(one), np.linalg.norm(zero)) < 1e-12
                grown[bits] = zero + evolve(one, np.array([[0, 1], [1, 0]]), qubits)
            else:
                grown[bits] = evolve(state, Operator(item.operation).data, qubits)
        branches = grown
    result = np.zeros((2,) * circuit.num_clbits)
    for bits, state in branches.items():
        result[tuple(dict(bits)[k] for k in range(circuit.num_clbits))] += np.linalg.norm(state) ** 2
    return result


def evolve(state, matrix, qubits):
    return Statevector(state).evolve(Operator(matrix), qargs=qubits).data


def project(state, qubit, outcome):
    matrix = np.diag([1.0 - outcome, float(outcome)])
    return evolve(state, matrix, [qubit])
