"""Users' own circuits on every engine against the circuits themselves."""

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter

from sqsq.engines import open_engine
from sqsq.engines.exact import joint
from sqsq.model import Neuron, Parameters, ansatz_from_circuit, network_from_edges
from sqsq.tables import EvaluationTable, ScoreRequest, Template, network_table
from tests import oracle
from tests.statistics import assert_drawn_from
from tests.user_circuits import circuit_joint, random_circuit

STEPS = 2


def neuron_of(seed, rectified=True):
    circuit, order, io_qubits = random_circuit(seed)
    name = f"random-{seed}"
    ansatz_from_circuit(name, circuit, io_qubits=io_qubits, theta=order)
    return Neuron(io_qubits, circuit.num_qubits - io_qubits, name), circuit, order


def table_of(neuron, seed, rows=2, shots=1):
    template = Template(neuron, STEPS)
    rng = np.random.default_rng(seed)
    phi = rng.uniform(-3, 3, (rows, *template.phi_shape))
    return EvaluationTable(template, phi, rng.uniform(-3, 3, (rows, *template.theta_shape)), shots)


def bits_first(distribution, io_qubits):
    """From one axis a step, bit n of an index being io qubit n, to one axis a spike."""
    steps = distribution.ndim
    spread = distribution.reshape((2,) * (steps * io_qubits))
    axes = [t * io_qubits + n for t in range(steps) for n in reversed(range(io_qubits))]
    return spread.transpose(axes)


@pytest.mark.parametrize("seed", range(16))
def test_a_random_circuit_does_exactly_what_it_shows(seed):
    neuron, circuit, order = neuron_of(seed)
    table = table_of(neuron, seed)
    found = joint(open_engine("exact"), table)
    for row in range(table.evaluations):
        expected = circuit_joint(circuit, order, neuron.io_qubits, table.phi[row], table.theta[row])
        ours = bits_first(found[row], neuron.io_qubits)
        np.testing.assert_allclose(ours, expected, atol=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_shift_rules_of_a_random_circuit_give_the_derivative(seed):
    """Central differences of the log-probabilities, from the circuit itself."""
    neuron, circuit, order = neuron_of(seed)
    table = table_of(neuron, seed, rows=1)
    held = np.random.default_rng(seed).integers(0, 2, (1, STEPS, neuron.io_qubits), dtype=np.uint8)
    factor = np.ones((1, STEPS))
    scores = open_engine("exact").score(ScoreRequest(table, held, factor, given_past=True))

    def log_probability(theta):
        distribution = circuit_joint(circuit, order, neuron.io_qubits, table.phi[0], theta)
        return np.log(distribution[tuple(held[0].ravel())])

    step = 1e-4
    for t in range(STEPS):
        for k in range(len(order)):
            moved = np.zeros((STEPS, len(order)))
            moved[t, k] = step
            near = [log_probability(table.theta[0] + j * moved) for j in (-2, -1, 1, 2)]
            slope = (near[0] - 8 * near[1] + 8 * near[2] - near[3]) / (12 * step)
            assert scores.by_theta[0, t, k] == pytest.approx(slope, abs=1e-6 * max(1, abs(slope)))


@pytest.mark.parametrize("seed", range(3))
def test_a_random_circuit_on_aer(seed):
    """Controlled rotations among them, which Aer would bind wrongly. False alarm 1e-6 each."""
    neuron, circuit, order = neuron_of(seed)
    table = table_of(neuron, seed, rows=1, shots=20_000)
    spikes = open_engine("aer", seed=1).run(table)[0]
    expected = circuit_joint(circuit, order, neuron.io_qubits, table.phi[0], table.theta[0])
    assert_drawn_from(spikes.reshape(table.shots, -1), expected)


def test_a_network_with_controlled_rotations_in_one_circuit():
    """On Aer, against the oracle: false alarm 1e-6."""
    a, b, c = (Parameter(name) for name in "abc")
    circuit = QuantumCircuit(2)
    circuit.crx(a, 1, 0)
    circuit.rx(b, 0)
    circuit.rx(c, 1)
    ansatz_from_circuit("crx-in-networks", circuit, io_qubits=1)
    network = network_from_edges(1, [Neuron(ansatz="crx-in-networks")] * 2, [(0, 0), (1, 1)], [1])
    rng = np.random.default_rng(2)
    weights = np.where(network.delays == -1, 0.0, 0.6)[..., None]
    parameters = Parameters(weights, rng.uniform(-2, 2, (2, 3)))
    inputs = np.ones((1, 3, 1), np.uint8)
    spikes = open_engine("aer", seed=4).run(network_table(network, parameters, range(2), inputs, 5_000))[0]
    expected = oracle.network_joint(
        network, weights, parameters.theta, inputs[0], entangler="memory-controlled"
    )
    assert_drawn_from(np.moveaxis(spikes[..., 0], 2, 1).reshape(5_000, -1), expected)


def test_a_devices_noise_on_a_controlled_rotation():
    """Aer against the instrument on fake_brisbane: false alarm 1e-6."""
    x, y = Parameter("x"), Parameter("y")
    circuit = QuantumCircuit(2)
    circuit.crx(x, 0, 1)
    circuit.crx(2 * y - x, 1, 0)
    circuit.rx(y, 1)
    ansatz_from_circuit("two-crx", circuit, io_qubits=1)
    table = table_of(Neuron(ansatz="two-crx"), 5, rows=1, shots=20_000)
    expected = joint(open_engine("exact:fake_brisbane"), table)[0]
    spikes = open_engine("fake_brisbane", seed=3).run(table)[0]
    assert_drawn_from(spikes.reshape(table.shots, -1), expected)
    ideal = circuit_joint(circuit, [x, y], 1, table.phi[0], table.theta[0])
    assert 0.001 < np.abs(expected - ideal).max() < 0.1
