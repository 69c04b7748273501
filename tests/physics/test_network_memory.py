"""What a network of CRX neurons without delays can recall: a theorem, its limits and its contrast.

**Theorem.** Take a feed-forward network of CRX neurons, all of one kind, with one io and one memory
qubit each and no delays. The joint distribution of all spikes of all neurons from step t on, whatever was
emitted before step t, depends on the inputs from step t on alone.

*Proof.* io-controlled: given its angle phi_t, the spike of a neuron at step t does not depend on the state
of its memory at all (every operation on the memory commutes with X, and both X sectors spike with the same
probability). So the steps of the network are independent. memory-controlled: averaged over its outcome, the
step of a neuron acts on its memory by a channel that does not depend on phi. Order the neurons so that each
is fed by earlier ones. Averaged over the spikes of step t, the last neuron's memory goes through its fixed
channel whatever angle the others sent, so it factors out of the average over them; then the same holds for
the last but one, down to the first. So the joint state of all memories after a step, averaged over what
was emitted, is a fixed channel of that before it, and the inputs had no part in it. QED

**Its limit.** To whoever has seen the earlier spikes, memory-controlled neurons do tell of earlier inputs:
given the spikes of steps 1 and 2, those of step 3 depend on the inputs at steps 1 and 2. A delayed edge
carries earlier spikes, and the network recalls.
"""

import numpy as np
import pytest

from sqsq.model import Neuron, network_from_edges
from tests.oracle import network_joint

STEPS = 3
LAYERED = [(0, 0), (1, 0), (0, 1), (1, 1), (2, 2), (3, 2), (0, 2)]
"""Two input lines, two hidden neurons, one output neuron that is also fed by an input line."""


def distributions(ansatz, seed, edges=LAYERED, differ=2):
    """Joint distributions of all spikes of a random network, shape (inputs, 8, 8, 8), one axis a step.

    The inputs differ at the first ``differ`` steps only.
    """
    network = network_from_edges(2, [Neuron(ansatz=ansatz)] * 3, edges, [2])
    rng = np.random.default_rng(seed)
    weights = rng.uniform(-0.5, 1.2, (3, 5, 1))
    theta = rng.uniform(-np.pi, np.pi, (3, 3))
    found = []
    for start in ([[0, 0], [0, 0]], [[1, 1], [0, 1]], [[1, 0], [1, 1]]):
        inputs = np.array([*start[:differ], *[[1, 0], [1, 1], [1, 0]][differ:]])
        joint = network_joint(network, weights, theta, inputs)
        by_step = joint.transpose(0, 3, 6, 1, 4, 7, 2, 5, 8)  # from neuron by neuron to step by step
        found.append(by_step.reshape(8, 8, 8))
    return np.array(found)


def change_after(found, steps):
    """How far the distribution of all spikes after so many steps moves with the inputs."""
    return np.ptp(found.sum(axis=tuple(range(1, steps + 1))), axis=0).max()


@pytest.mark.parametrize("ansatz", ["io-controlled", "memory-controlled"])
@pytest.mark.parametrize("differ", [1, 2])
@pytest.mark.parametrize("seed", range(2))
def test_networks_of_crx_neurons_cannot_recall_their_input(ansatz, differ, seed):
    """Not even jointly over all neurons and all steps that follow."""
    found = distributions(ansatz, seed, differ=differ)
    assert change_after(found, differ) < 1e-13
    assert change_after(found, differ - 1) > 0.01


def test_the_steps_of_an_io_controlled_network_are_independent():
    for joint in distributions("io-controlled", seed=0):
        steps = [joint.sum(axis=tuple({0, 1, 2} - {t})) for t in range(STEPS)]
        assert np.abs(joint - np.einsum("i,j,k->ijk", *steps)).max() < 1e-13


def test_those_who_saw_the_first_spikes_learn_of_the_first_inputs_from_the_last():
    """In the memory-controlled network, not in the io-controlled one."""
    moved = []
    for ansatz in ("memory-controlled", "io-controlled"):
        joint = distributions(ansatz, seed=1)
        first = joint.sum(axis=3, keepdims=True)
        likely = (first > 1e-3).all(axis=(0, 3))
        given_first = joint / np.maximum(first, 1e-12)
        moved.append(np.ptp(given_first, axis=0)[likely].max())
    assert moved[0] > 0.01
    assert moved[1] < 1e-9


def test_partial_swaps_recall_their_input():
    assert change_after(distributions("partial-swap", seed=0), 2) > 0.1


@pytest.mark.parametrize("ansatz", ["io-controlled", "memory-controlled"])
def test_a_delayed_edge_recalls_what_the_neurons_cannot(ansatz):
    delayed = [(*edge, 1) if edge == (2, 2) else edge for edge in LAYERED]
    assert max(change_after(distributions(ansatz, seed, delayed), 2) for seed in range(2)) > 0.01
