import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import Operator

from sqsq.errors import UsageError
from sqsq.model import Neuron, ansatz_from_circuit, ansatz_names, find_ansatz
from sqsq.model.circuit_ansatz import find_frequencies
from tests import oracle


def ansatz_circuit(neuron, theta):
    circuit = QuantumCircuit(neuron.qubits)
    io, memory = circuit.qubits[: neuron.io_qubits], circuit.qubits[neuron.io_qubits :]
    neuron.definition.append(circuit, io, memory, theta)
    return circuit


@pytest.mark.parametrize("name", oracle.ENTANGLERS)
@pytest.mark.parametrize(("io", "memory"), [(1, 1), (2, 1), (1, 2), (2, 2)])
def test_unitary_is_that_of_the_equations(name, io, memory):
    neuron = Neuron(io, memory, name)
    theta = np.random.default_rng(3).uniform(-3, 3, len(neuron.angles))
    # reverse_bits: Qiskit's first qubit is the last Kronecker factor
    ours = Operator(ansatz_circuit(neuron, theta).reverse_bits()).data
    exact = oracle.step_unitary(name, io, memory, np.zeros(io), theta)
    assert abs(np.trace(ours.conj().T @ exact)) == pytest.approx(2**neuron.qubits, abs=1e-10)


@pytest.mark.parametrize("name", oracle.ENTANGLERS)
def test_costs_two_two_qubit_gates_and_the_papers_three_angles(name):
    neuron = Neuron(ansatz=name)
    assert [angle.name for angle in neuron.angles] == ["ent[0,0]", "in[0]", "mem[0]"]
    circuit = ansatz_circuit(neuron, [0.1, 0.2, 0.3])
    assert sum(len(item.qubits) == 2 for item in circuit.data) == 2


def test_order_of_angles_of_a_larger_neuron():
    names = [angle.name for angle in Neuron(2, 2).angles]
    assert names == [f"ent[{n},{m}]" for n in (0, 1) for m in (0, 1)] + ["in[0]", "in[1]", "mem[0]", "mem[1]"]


def test_starts_near_the_identity():
    spreads = [angle.spread for angle in Neuron().angles]
    assert spreads == [0.5, 0.0, 0.5]


@pytest.mark.parametrize("name", oracle.ENTANGLERS)
def test_declared_frequencies_are_those_found_numerically(name):
    neuron = Neuron(ansatz=name)
    theta = [Parameter(angle.name) for angle in neuron.angles]
    found = find_frequencies(ansatz_circuit(neuron, theta), theta)
    assert found == [angle.frequencies for angle in neuron.angles]


def test_default_comes_first_and_unknown_names_are_refused():
    assert ansatz_names()[0] == "partial-swap"
    with pytest.raises(UsageError, match=r"unknown ansatz 'swap': choose from partial-swap, "):
        find_ansatz("swap")


def user_circuit():
    a, b = Parameter("a"), Parameter("b")
    circuit = QuantumCircuit(2)
    circuit.crx(a, 0, 1)
    circuit.rx(b, 0)
    circuit.rzz(2 * b, 0, 1)
    return circuit, a, b


def test_users_own_ansatz_with_frequencies_found():
    circuit, a, b = user_circuit()
    ansatz = ansatz_from_circuit("mine", circuit, io_qubits=1, theta=[b, a])
    angles = {angle.name: angle.frequencies for angle in ansatz.angles(1, 1)}
    assert list(angles) == ["b", "a"]
    assert angles["a"] == (0.5, 1.0)
    assert set(angles["b"]) <= {1.0, 2.0, 3.0}
    assert max(angles["b"]) == 3.0
    theta = [0.3, 0.7]
    ours = Operator(ansatz_circuit(Neuron(1, 1, "mine"), theta))
    assert ours.equiv(Operator(circuit.assign_parameters({b: 0.3, a: 0.7})))
    with pytest.raises(UsageError, match="'mine' is defined for 1 io and 1 memory qubits, not 2 and 1"):
        Neuron(2, 1, "mine")
    with pytest.raises(UsageError, match="registered already"):
        ansatz_from_circuit("mine", circuit, io_qubits=1)


def test_users_ansatz_is_checked():
    circuit, a, _ = user_circuit()
    with pytest.raises(UsageError, match="leave 0 for memory"):
        ansatz_from_circuit("bad", circuit, io_qubits=2)
    with pytest.raises(UsageError, match="theta must list each parameter"):
        ansatz_from_circuit("bad", circuit, io_qubits=1, theta=[a])
    with pytest.raises(UsageError, match="positive numbers for each angle"):
        ansatz_from_circuit("bad", circuit, io_qubits=1, frequencies=[(1,)])
    measured = QuantumCircuit(2, 1)
    measured.rx(a, 0)
    measured.measure(0, 0)
    with pytest.raises(UsageError, match="must be a unitary circuit"):
        ansatz_from_circuit("bad", measured, io_qubits=1)
    odd = QuantumCircuit(2)
    odd.rx(a * 0.3, 0)
    with pytest.raises(UsageError, match="declare them"):
        ansatz_from_circuit("bad", odd, io_qubits=1)


@pytest.mark.parametrize(("io", "memory"), [(0, 1), (1, 0)])
def test_neurons_need_qubits(io, memory):
    with pytest.raises(UsageError, match="cannot have 0"):
        Neuron(io, memory)
