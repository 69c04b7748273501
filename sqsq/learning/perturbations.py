"""Simultaneous perturbations of weights and angles (SPSA), eq. (24)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sqsq.model import Network, arriving_spikes, feeding_sources

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Perturbations:
    """Rademacher perturbations of neurons, drawn anew for each image, pass and neuron.

    Attributes:
        sources: The sources whose weights are perturbed, increasing.
        weights: Entries +-1, 0 where there is no edge (or, masked, no spike), int8,
            shape (batch, M, neurons, M_syn, sources, N); None where currents are perturbed themselves.
        currents: What they change the currents by, shape (batch, M, neurons, M_syn, T, N).
        theta: Entries +-1, or 0 where angles are not perturbed, int8,
            shape (batch, M, neurons, M_syn, K).
    """

    sources: NDArray[np.intp]
    weights: NDArray[np.int8] | None
    currents: FloatArray
    theta: NDArray[np.int8]


def draw_perturbations(
    network: Network,
    neurons: Sequence[int],
    spikes: NDArray[np.uint8],
    m_syn: int,
    perturbed_angles: Sequence[bool],
    rng: np.random.Generator,
    kind: str = "spsa",
) -> Perturbations:
    """Draw M_syn perturbations for each image, pass and neuron.

    Args:
        network: The network.
        neurons: Neurons that share a template.
        spikes: What all sources emit, shape (batch, M, T, sources, channels).
        m_syn: M_syn.
        perturbed_angles: Which of the K circuit angles are perturbed too.
        rng: The source of randomness.
        kind: ``spsa``: all weights; ``masked-spsa``: those of sources that spike, for no other has a part in
            the current; ``node``: the currents.
    """
    neuron = network.neurons[neurons[0]]
    sources = feeding_sources(network, neurons)
    leading = (*spikes.shape[:2], len(neurons), m_syn)
    shape = (*leading, spikes.shape[2], neuron.io_qubits)
    if kind == "node":
        moved = _rademacher(rng, shape).astype(np.float64)
        theta = _rademacher(rng, (*leading, len(neuron.angles)))
        return Perturbations(sources, None, moved, theta * np.array(perturbed_angles, np.int8))
    weights = _rademacher(rng, (*leading, len(sources), neuron.io_qubits))
    if kind == "masked-spsa":
        spiked = np.asarray(spikes[..., sources, : neuron.io_qubits].any(axis=2))
        weights *= spiked[:, :, None, None]
    currents = np.zeros(shape)
    edges_of_any_delay = np.zeros((len(neurons), len(sources)), bool)
    for edges, arriving in arriving_spikes(network, neurons, sources, spikes):
        edges_of_any_delay |= edges
        for n in range(neuron.io_qubits):
            own = (weights[..., n] * edges[:, None]).reshape(*leading[:2], -1, len(sources))
            inputs = np.swapaxes(arriving[..., n], -1, -2)
            changes = own.astype(np.float32) @ inputs.astype(np.float32)  # sums of +-1: exact
            currents[..., n] += changes.reshape(currents.shape[:-1])
    weights *= edges_of_any_delay[:, None, :, None]
    theta = _rademacher(rng, (*leading, len(neuron.angles)))
    return Perturbations(sources, weights, currents, theta * np.array(perturbed_angles, np.int8))


def _rademacher(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.int8]:
    return 2 * rng.integers(2, size=shape, dtype=np.int8) - 1
