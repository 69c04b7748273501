"""The exact joint distribution of a compiled circuit, by walking through its instructions."""

import numpy as np
from qiskit.circuit.classical import expr
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
            elif name == "if_else":
                known = {circuit.clbits[place]: value for place, value in bits}
                (body,) = item.operation.blocks
                for inner in body.data if holds(item.operation.condition, known) else ():
                    wires = [qubits[body.find_bit(q).index] for q in inner.qubits]
                    state = evolve(state, Operator(inner.operation).data, wires)
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


def holds(condition, known):
    """Whether a condition on measured bits is true."""
    if isinstance(condition, tuple):
        bit, wanted = condition
        return known[bit] == wanted
    if isinstance(condition, expr.Var):
        return bool(known[condition.var])
    if isinstance(condition, expr.Unary):
        assert condition.op == expr.Unary.Op.LOGIC_NOT
        return not holds(condition.operand, known)
    assert condition.op == expr.Binary.Op.LOGIC_AND
    return holds(condition.left, known) and holds(condition.right, known)
