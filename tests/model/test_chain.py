"""The chain of partial swaps: its circuit, its frequencies, and that it is a shift register."""

import numpy as np
import pytest

from sqsq.circuits import neuron_circuit
from sqsq.engines import open_engine
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, Template
from tests import oracle
from tests.exact_circuit import circuit_joint

CHAIN = "partial-swap-chain"


@pytest.mark.parametrize(("io", "memory"), [(1, 1), (1, 2), (2, 2), (1, 3)])
def test_the_circuit_is_the_oracles(io, memory):
    neuron = Neuron(io, memory, CHAIN)
    assert len(neuron.angles) == memory - 1 + io + io + memory
    template = Template(neuron, 2)
    rng = np.random.default_rng(io + memory)
    phi = rng.uniform(0, np.pi, template.phi_shape)
    theta = rng.uniform(-2, 2, template.theta_shape)
    compiled = neuron_circuit(template)
    values = [*phi.ravel(), *theta.ravel()]
    bound = compiled.circuit.assign_parameters(
        dict(zip((*compiled.phi, *compiled.theta), values, strict=True))
    )
    expected = oracle.joint(CHAIN, io, memory, phi, theta)
    assert np.abs(circuit_joint(bound) - expected).max() < 1e-12


def test_with_one_memory_qubit_it_is_the_partial_swap():
    rng = np.random.default_rng(1)
    phi, theta = rng.uniform(0, 3, (3, 1)), rng.uniform(-2, 2, (3, 3))
    chain = oracle.joint(CHAIN, 1, 1, phi, theta)
    assert np.abs(chain - oracle.joint("partial-swap", 1, 1, phi, theta)).max() < 1e-12


@pytest.mark.parametrize("memory", [1, 2, 3])
def test_full_swaps_recall_the_input_of_as_many_steps_ago(memory):
    neuron = Neuron(1, memory, CHAIN)
    swaps = [angle.name.startswith(("shift", "ent")) for angle in neuron.angles]
    theta = np.where(swaps, np.pi / 2, 0.0)
    inputs = np.array([1, 0, 1, 1, 0, 0, 1, 0])
    table = EvaluationTable(
        Template(neuron, len(inputs)),
        np.pi * inputs[None, :, None].astype(float),
        np.tile(theta, (1, len(inputs), 1)),
        shots=50,
    )
    spikes = open_engine("exact").run(table)[0, :, :, 0]
    late = np.concatenate([np.zeros(memory, int), inputs[:-memory]])
    assert (spikes == late).all()


@pytest.mark.parametrize("angle", range(5))
def test_declared_frequencies_are_all_there_are(angle):
    """A trigonometric polynomial of the declared frequencies fits a probability through all its period."""
    neuron = Neuron(1, 2, CHAIN)
    rng = np.random.default_rng(angle)
    phi, theta = rng.uniform(0, 3, (2, 1)), rng.uniform(-2, 2, (2, 5))
    turns = np.linspace(0, 4 * np.pi, 40, endpoint=False)
    found = []
    for turn in turns:
        moved = theta.copy()
        moved[0, angle] = turn
        found.append(oracle.joint(CHAIN, 1, 2, phi, moved).sum(axis=0)[1])
    frequencies = neuron.angles[angle].frequencies
    basis = np.stack([np.ones_like(turns), *(f(k * turns) for k in frequencies for f in (np.cos, np.sin))])
    weights = np.linalg.lstsq(basis.T, np.array(found), rcond=None)[0]
    assert np.abs(basis.T @ weights - found).max() < 1e-12
