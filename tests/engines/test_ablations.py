"""Ablated memories against circuits that the oracle's steps make up."""

import numpy as np
import pytest

from sqsq.engines.ablations import ablated_circuits
from sqsq.engines.aer import AerEngine
from sqsq.engines.circuit_sources import circuits_of
from sqsq.engines.exact import ExactEngine, joint
from sqsq.errors import UsageError
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, Template
from tests import oracle
from tests.statistics import assert_drawn_from

STEPS = 3


def spoiled_joint(ansatz, io, memory, phi, theta, spoil):
    """As ``oracle.joint``, with the memory's state changed after every step."""
    rest = 2**memory
    ground = np.zeros((2**io, 2**io))
    ground[0, 0] = 1
    start = np.zeros((rest, rest), complex)
    start[0, 0] = 1
    branches = [start]
    for angles in phi:
        unitary = oracle.step_unitary(ansatz, io, memory, angles, theta)
        grown = []
        for state in branches:
            after = (unitary @ np.kron(ground, state) @ unitary.conj().T).reshape((2**io, rest) * 2)
            grown += [spoil(after[k, :, k, :]) for k in range(2**io)]
        branches = grown
    return np.array([np.real(np.trace(state)) for state in branches]).reshape((2,) * (len(phi) * io))


def spoil_reset(state):
    result = np.zeros_like(state)
    result[0, 0] = np.trace(state)
    return result


SPOIL = {"reset": spoil_reset, "measured": lambda state: np.diag(np.diag(state))}


def random_table(neuron, seed, shots=1):
    template = Template(neuron, STEPS)
    rng = np.random.default_rng(seed)
    theta = np.broadcast_to(rng.uniform(-2, 2, len(neuron.angles)), (1, *template.theta_shape))
    return EvaluationTable(template, rng.uniform(0, np.pi, (1, *template.phi_shape)), theta, shots)


@pytest.mark.parametrize("ablation", ["reset", "measured"])
@pytest.mark.parametrize(
    "neuron", [Neuron(), Neuron(ansatz="memory-controlled"), Neuron(1, 2, "partial-swap-chain"), Neuron(2, 1)]
)
def test_exact(neuron, ablation):
    table = random_table(neuron, seed=0)
    source = ablated_circuits(circuits_of("", idle_noise=True), ablation)
    ours = joint(ExactEngine("exact", source, 0), table)[0]
    size = (neuron.ansatz, neuron.io_qubits, neuron.memory_qubits)
    expected = spoiled_joint(*size, table.phi[0], table.theta[0, 0], SPOIL[ablation])
    intact = oracle.joint(*size, table.phi[0], table.theta[0])
    patterns = expected.reshape((STEPS * neuron.io_qubits) * (2,))
    if neuron.io_qubits == 2:  # the engine counts io qubit 0 as the lowest bit of a pattern
        patterns = patterns.transpose(1, 0, 3, 2, 5, 4)
    assert ours.ravel() == pytest.approx(patterns.ravel(), abs=1e-12)
    assert np.abs(intact - expected).max() > 0.005


@pytest.mark.parametrize("ablation", ["reset", "measured"])
def test_aer_and_a_noisy_device(ablation):
    table = random_table(Neuron(), seed=1, shots=4000)
    for device in ("", "fake_lagos"):
        source = ablated_circuits(circuits_of(device, idle_noise=True), ablation)
        distribution = joint(ExactEngine("exact", source, 0), table)[0]
        spikes = AerEngine("aer", source, 0, threads=1).run(table)
        assert_drawn_from(spikes[0, :, :, 0], distribution)


def test_a_measured_swap_still_recalls_a_bit():
    """At theta_ent = pi/2 the memory holds a classical bit, which a measurement does not disturb."""
    source = ablated_circuits(circuits_of("", idle_noise=True), "measured")
    phi = np.pi * np.array([1.0, 0.0, 0.0]).reshape(1, 3, 1)
    theta = np.broadcast_to([np.pi / 2, 0.0, 0.0], (1, 3, 3))
    distribution = joint(
        ExactEngine("exact", source, 0), EvaluationTable(Template(Neuron(), 3), phi, theta, 1)
    )
    assert distribution[0, 0, 1, 0] == pytest.approx(1)


def test_unknown_ablations():
    with pytest.raises(UsageError, match="unknown ablation 'half': choose from reset, measured"):
        ablated_circuits(circuits_of("", idle_noise=True), "half")
