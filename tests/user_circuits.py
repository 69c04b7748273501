"""Circuits as users draw them, and what a neuron with one does, from the circuit itself."""

from itertools import product

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.circuit.library import UnitaryGate
from qiskit.quantum_info import Operator, random_unitary


def circuit_joint(circuit, order, io_qubits, phi, theta):
    """The joint distribution of the spikes of a neuron whose V(theta) is a circuit.

    A density matrix of all qubits goes through RX(phi), the circuit's own unitary, and a measurement and
    reset of every io qubit.

    Args:
        circuit: Io qubits first, then memory.
        order: Its parameters, in the order of theta.
        io_qubits: N.
        phi: Shape (T, N).
        theta: Shape (T, K).

    Returns:
        Probabilities, shape (2,) * (T * N), indexed by the spikes step by step, io qubit by io qubit.
    """
    qubits = circuit.num_qubits
    start = np.zeros((2**qubits, 2**qubits), complex)
    start[0, 0] = 1
    branches = {(): start}
    for angles, values in zip(phi, theta, strict=True):
        step = QuantumCircuit(qubits)
        for n, angle in enumerate(angles):
            step.rx(float(angle), n)
        bound = circuit.assign_parameters(dict(zip(order, map(float, values), strict=True)))
        unitary = Operator(bound).data @ Operator(step).data
        grown = {}
        for spikes, state in branches.items():
            after = unitary @ state @ unitary.conj().T
            for outcome in product((0, 1), repeat=io_qubits):
                grown[spikes + outcome] = measured_and_reset(after, outcome, qubits)
        branches = grown
    result = np.zeros((2,) * phi.size)
    for spikes, state in branches.items():
        result[spikes] = np.real(np.trace(state))
    return result


def measured_and_reset(state, outcome, qubits):
    """The state where io qubit n was found in outcome[n], and is 0 again."""
    places = np.arange(2**qubits)
    bits = (places[:, None] >> np.arange(len(outcome))) & 1
    found = places[(bits == outcome).all(axis=1)]
    empty = found - sum(one << n for n, one in enumerate(outcome))
    kept = np.zeros_like(state)
    kept[np.ix_(empty, empty)] = state[np.ix_(found, found)]
    return kept


def random_circuit(seed):
    """A circuit of two or three qubits with all that users draw, its parameters in some order, and N."""
    rng = np.random.default_rng(seed)
    io_qubits = int(rng.integers(1, 3))
    memory_qubits = 1 if io_qubits == 2 else int(rng.integers(1, 3))
    qubits = io_qubits + memory_qubits
    parameters = [Parameter(name) for name in "xyz"]
    circuit = QuantumCircuit(qubits)

    def angle():
        x, y = rng.choice(parameters, 2, replace=False)
        return (x, -x / 2, 2 * x, x + y, 2 * x - y / 2 + 0.1, 0.7)[rng.integers(6)]

    def pair():
        return [int(q) for q in rng.choice(qubits, 2, replace=False)]

    inner = Parameter("inner")
    block = QuantumCircuit(2, name="block")
    block.ry(inner, 0)
    block.cx(0, 1)
    block.rz(-inner, 1)
    drawn = {
        "crx": lambda: circuit.crx(angle(), *pair()),
        "cry": lambda: circuit.cry(angle(), *pair()),
        "cp": lambda: circuit.cp(angle(), *pair()),
        "rzz": lambda: circuit.rzz(angle(), *pair()),
        "rzx": lambda: circuit.rzx(angle(), *pair()),
        "xx_plus_yy": lambda: circuit.append(plus_gate(angle(), 0.3), pair()),
        "u": lambda: circuit.u(angle(), angle(), 0.4, pair()[0]),
        "cu": lambda: circuit.cu(angle(), 0.2, angle(), 0.1, *pair()),
        "p": lambda: circuit.p(angle(), pair()[0]),
        "swap": lambda: circuit.swap(*pair()),
        "iswap": lambda: circuit.iswap(*pair()),
        "barrier": lambda: circuit.barrier(),
        "open control": lambda: circuit.cx(*pair(), ctrl_state=0),
        "unitary": lambda: circuit.append(UnitaryGate(random_unitary(4, seed=int(rng.integers(99)))), pair()),
        "gate": lambda: circuit.append(block.to_gate({inner: angle()}), pair()),
        "instruction": lambda: circuit.append(block.to_instruction({inner: angle()}), pair()),
        "inverse": lambda: circuit.append(block.to_gate({inner: angle()}).inverse(), pair()),
    }
    if qubits == 3:
        drawn["ccx"] = lambda: circuit.ccx(*(int(q) for q in rng.permutation(3)))
        drawn["controlled"] = lambda: circuit.append(
            block.to_gate({inner: angle()}).control(1), [int(q) for q in rng.permutation(3)]
        )
    for name in rng.permutation(sorted(drawn))[:9]:
        drawn[name]()
    for q in range(qubits):
        circuit.rx(parameters[q % 3], q)
    order = [parameters[k] for k in rng.permutation(3) if parameters[k] in circuit.parameters]
    return circuit, order, io_qubits


def plus_gate(theta, beta):
    from qiskit.circuit.library import XXPlusYYGate

    return XXPlusYYGate(theta, beta)
