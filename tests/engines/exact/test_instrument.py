import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Gate, Parameter

from sqsq.circuits import Template, neuron_circuit
from sqsq.engines import EvaluationTable
from sqsq.engines.circuit_sources import circuits_of
from sqsq.engines.exact import ExactEngine
from sqsq.engines.exact.instrument import polynomial_basis
from sqsq.engines.exact.operations import step_operations
from sqsq.engines.simulated import SimulatedCircuit
from sqsq.errors import BackendError
from sqsq.model import Neuron
from tests import oracle


def joint_of_instruments(bank, index, phi):
    """The joint distribution by multiplying out the instruments of one row; shape (2**N,) * T."""
    vectors = {(): np.eye(bank.shape[-1])[0]}
    for t, basis in enumerate(polynomial_basis(phi)):
        matrices = np.einsum("f,ofij->oij", basis, bank[index[0, t]])
        vectors = {(*s, o): matrices[o] @ v for s, v in vectors.items() for o in range(len(matrices))}
    result = np.zeros((bank.shape[1],) * len(phi))
    for spikes, vector in vectors.items():
        result[spikes] = vector[0]
    return result


@pytest.mark.parametrize("ansatz", oracle.ENTANGLERS)
@pytest.mark.parametrize(("io", "memory", "steps"), [(1, 1, 4), (2, 1, 2), (1, 2, 3), (2, 2, 2)])
def test_products_of_matrices_are_exactly_the_oracles_joint(ansatz, io, memory, steps):
    template = Template(Neuron(io, memory, ansatz), steps)
    rng = np.random.default_rng(0)
    phi = rng.uniform(0, np.pi, (1, *template.phi_shape))
    theta = rng.uniform(-2, 2, (1, *template.theta_shape))
    engine = ExactEngine("exact", circuits_of("", idle_noise=True), 0)
    bank, index = engine.instruments(EvaluationTable(template, phi, theta, 1), slice(None))
    ours = joint_of_instruments(bank, index, phi[0])
    exact = oracle.joint(ansatz, io, memory, phi[0], theta[0])
    order = [t * io + n for t in range(steps) for n in reversed(range(io))]  # bit n is io qubit n
    assert np.abs(ours.ravel() - exact.transpose(order).ravel()).max() < 1e-12


@pytest.mark.parametrize("device", ["fake_brisbane", "fake_kingston"])
def test_noisy_instruments_keep_probability(device):
    template = Template(Neuron(2, 1), 3)
    rng = np.random.default_rng(1)
    phi = rng.uniform(0, np.pi, (1, 3, 2))
    theta = rng.uniform(-2, 2, (1, 3, 5))
    engine = ExactEngine(device, circuits_of(device, idle_noise=True), 0)
    bank, index = engine.instruments(EvaluationTable(template, phi, theta, 1), slice(None))
    distribution = joint_of_instruments(bank, index, phi[0])
    assert distribution.min() > 0
    assert distribution.sum() == pytest.approx(1, abs=1e-12)


def test_most_steps_share_their_instruments():
    template = Template(Neuron(), 10)
    engine = ExactEngine("fake_brisbane", circuits_of("fake_brisbane", idle_noise=True), 0)
    table = EvaluationTable(template, np.zeros((5, 10, 1)), np.zeros((5, 10, 3)), 1)
    bank, index = engine.instruments(table, slice(None))
    assert len(bank) <= 3
    assert len(set(index[0, 1:-1])) == 1


def test_polynomial_basis():
    basis = polynomial_basis(np.array([[0.3, 0.5]]))
    one, other = ([1, np.cos(a), np.sin(a)] for a in (0.3, 0.5))
    assert basis == pytest.approx(np.outer(one, other).reshape(1, 9))


class FastTurn(Gate):
    """Turns by three times its angle."""

    def __init__(self, angle):
        super().__init__("fast", 1, [angle])

    def __array__(self, dtype=None, copy=None):
        half = 1.5 * float(self.params[0])
        return np.array([[np.cos(half), -1j * np.sin(half)], [-1j * np.sin(half), np.cos(half)]])


def test_currents_that_are_not_encoded_by_rx_are_refused():
    phi = Parameter("phi")
    circuit = QuantumCircuit(2, 1)
    circuit.append(FastTurn(phi), [0])
    circuit.measure(0, 0)
    circuit.reset(0)
    with pytest.raises(BackendError, match="a fast gate oscillates faster than its angle: use aer"):
        step_operations(SimulatedCircuit(circuit), [phi], 1, 1)


def test_gates_with_several_angles_are_refused():
    phi = Parameter("phi")
    circuit = QuantumCircuit(2, 1)
    circuit.u(phi, 0.1, 0.2, 0)
    with pytest.raises(BackendError, match="a u gate has several angles"):
        step_operations(SimulatedCircuit(circuit), [phi], 1, 1)


def test_compiled_circuits_have_one_list_of_operations_a_step():
    template = Template(Neuron(), 4)
    compiled = neuron_circuit(template)
    simulated = circuits_of("fake_brisbane", idle_noise=True)(template)
    assert len(step_operations(simulated, (*compiled.phi, *compiled.theta), 4, 1)) == 4
