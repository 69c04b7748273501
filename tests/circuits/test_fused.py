"""Fused circuits against the oracle: joint distributions of whole networks, both lowerings."""

from functools import lru_cache

import numpy as np
import pytest
from qiskit_aer import AerSimulator

from sqsq.circuits import transpile_ideal
from sqsq.circuits.fused import fuse
from sqsq.model import Network, Neuron, Parameters, network_from_edges
from sqsq.tables.fused_plan import plan_fused
from tests import oracle
from tests.exact_circuit import circuit_joint

FALSE_ALARM = 1e-6


def random_network(rng, count, steps, wide=False):
    """Random same-step edges forward, delayed ones anywhere; some weights negative."""
    neurons = [
        Neuron(2 if wide and k % 2 else 1, 1, rng.choice(list(oracle.ENTANGLERS))) for k in range(count)
    ]
    outputs = (count - 1,)
    edges = []
    for target in range(count):
        edges.append((int(rng.integers(2)), target, int(rng.integers(2))))
        for source in range(count - 1):
            fits = neurons[source].io_qubits in (1, neurons[target].io_qubits)
            if source == target or not fits or rng.random() < 0.4:
                continue
            delay = 1 if source > target else int(rng.integers(2))
            edges.append((2 + source, target, delay))
    network = network_from_edges(2, neurons, edges, outputs)
    weights = rng.uniform(-0.6, 0.9, (count, 2 + count, network.channels))
    weights[network.delays == -1] = 0
    angles = max(len(neuron.angles) for neuron in neurons)
    theta = rng.uniform(-1, 1, (count, angles))
    for i, neuron in enumerate(neurons):
        theta[i, len(neuron.angles) :] = 0
    return network, Parameters(weights, theta), rng.integers(0, 2, (1, steps, 2), dtype=np.uint8)


def bits_of(memory):
    """Shots as bits in the order of the registers, shape (shots, bits)."""
    words = [word.replace(" ", "")[::-1] for word in memory]
    return np.array([[int(bit) for bit in word] for word in words], np.uint8)


def total_variation_bound(cells, shots):
    """E[TV] <= sqrt(cells / shots) / 2, and McDiarmid's inequality for the rest."""
    return 0.5 * np.sqrt(cells / shots) + np.sqrt(np.log(1 / FALSE_ALARM) / (2 * shots))


def bound(network, parameters, inputs, form):
    angles = plan_fused(network, parameters, inputs, form=form)
    fused = fuse(angles.plan)
    values = dict(zip((*fused.phi, *fused.theta), fused.values(angles)[0], strict=True))
    return fused.circuit, values


@pytest.mark.parametrize("form", ["patterns", "moebius", None])
@pytest.mark.parametrize(
    ("seed", "count", "steps", "wide"),
    [(0, 2, 3, False), (1, 3, 3, False), (2, 4, 2, False), (4, 2, 2, True)],
)
def test_the_circuit_is_exactly_the_oracles_network(form, seed, count, steps, wide):
    network, parameters, inputs = random_network(np.random.default_rng(seed), count, steps, wide)
    expected = oracle.network_joint(network, parameters.weights, parameters.theta, inputs[0])
    assert expected.sum() == pytest.approx(1)
    circuit, values = bound(network, parameters, inputs, form)
    used = {parameter: value for parameter, value in values.items() if parameter in circuit.parameters}
    found = circuit_joint(circuit.assign_parameters(used))
    np.testing.assert_allclose(found, expected, atol=1e-9)


@lru_cache
def five_neurons():
    network, parameters, inputs = random_network(np.random.default_rng(3), 5, 3)
    expected = oracle.network_joint(network, parameters.weights, parameters.theta, inputs[0])
    return network, parameters, inputs, expected.ravel()


@pytest.mark.slow
@pytest.mark.parametrize("form", ["patterns", "moebius"])
def test_five_neurons_on_aer(form):
    """Total variation from the oracle's joint distribution within its bound: false alarm below 1e-6 each."""
    network, parameters, inputs, expected = five_neurons()
    circuit, values = bound(network, parameters, inputs, form)
    circuit = transpile_ideal(circuit)
    binds = {parameter: [value] for parameter, value in values.items() if parameter in circuit.parameters}
    shots = 10_000
    simulator = AerSimulator(method="statevector", fusion_enable=False)
    result = simulator.run(
        circuit, parameter_binds=[binds], shots=shots, memory=True, seed_simulator=1
    ).result()
    found = bits_of(result.get_memory(0))
    index = found.astype(np.int64) @ (1 << np.arange(found.shape[1])[::-1])
    counts = np.bincount(index, minlength=expected.size) / shots
    assert counts[expected < 1e-12].sum() == 0
    # cells too rare for these shots are pooled into one
    rare = expected < 1 / shots
    expected = np.append(expected[~rare], expected[rare].sum())
    counts = np.append(counts[~rare], counts[rare].sum())
    distance = 0.5 * np.abs(counts - expected).sum()
    assert distance < total_variation_bound(len(expected), shots), (distance, len(expected))


def test_conditions_are_shared():
    """One hidden neuron feeds three others: one conditional a step, not three."""
    edges = [(0, 0), *((1, k) for k in (1, 2, 3))]
    network = network_from_edges(1, [Neuron()] * 4, edges, (1, 2, 3))
    weights = np.full((4, 5, 1), 0.3) * (network.delays != -1)[..., None]
    parameters = Parameters(weights, np.zeros((4, 3)))
    angles = plan_fused(network, parameters, np.ones((1, 4, 1), np.uint8))
    circuit = fuse(angles.plan).circuit
    assert circuit.count_ops()["if_else"] == 4
    assert angles.plan.conditionals == 3


def test_the_shape_stays_while_the_signs_do():
    """New weights of the same signs are new values for the same circuit; other signs are another one."""
    rng = np.random.default_rng(3)
    network, parameters, inputs = random_network(rng, 4, 3)
    first = plan_fused(network, parameters, inputs)
    fused = fuse(first.plan)
    nearby = Parameters(parameters.weights * 1.0001, parameters.theta + 0.1)
    second = plan_fused(network, nearby, inputs)
    assert second.plan == first.plan
    assert fused.values(second).shape == fused.values(first).shape
    opposite = plan_fused(network, Parameters(-parameters.weights, parameters.theta), inputs)
    assert opposite.plan != first.plan


def test_levels_follow_same_step_edges():
    network = Network(
        1,
        (Neuron(),) * 3,
        np.array([[0, -1, 1, -1], [0, 0, -1, -1], [-1, -1, 0, -1]], np.int8),
        (2,),
    )
    parameters = Parameters(np.where(network.delays == -1, 0.0, 0.1)[..., None], np.zeros((3, 3)))
    plan = plan_fused(network, parameters, np.ones((1, 2, 1), np.uint8)).plan
    assert plan.levels == ((0,), (1,), (2,))
