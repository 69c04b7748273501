"""From spikes to currents, eq. (1), and from currents to RX angles, eq. (4)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sqsq.checks import real_array, spike_array
from sqsq.errors import UsageError
from sqsq.model.members import check_neurons
from sqsq.model.network import NEXT_STEP, NO_EDGE, SAME_STEP, Network

FloatArray = NDArray[np.float64]
_LARGEST = 5e307
"""The largest current whose angle float64 can hold."""


def angles_of_currents(currents: ArrayLike, rectified: bool = True) -> FloatArray:
    """From currents to angles: phi = pi max(0, z), or phi = pi z.

    Args:
        currents: Currents z, any shape.
        rectified: Whether a current that is not positive turns nothing; see ``Ansatz``.

    Returns:
        Radians, of the same shape.

    Raises:
        UsageError: If a current is not finite, or so large that its angle is not.
    """
    z = real_array(currents, "currents", low=-_LARGEST, high=_LARGEST)
    driving: FloatArray = np.maximum(z, 0.0) if rectified else z
    return np.pi * driving


def slopes_of_angles(currents: FloatArray, rectified: bool = True) -> FloatArray:
    """The derivative of each angle of ``angles_of_currents`` by its current; 0 where there is none."""
    driving = currents > 0 if rectified else np.ones(currents.shape, bool)
    return np.pi * driving.astype(np.float64)


def feeding_sources(network: Network, neurons: Sequence[int]) -> NDArray[np.intp]:
    """The sources that feed any of the neurons, increasing."""
    return np.flatnonzero((network.delays[list(neurons)] != NO_EDGE).any(axis=0))


def arriving_spikes(
    network: Network, neurons: Sequence[int], sources: NDArray[np.intp], spikes: NDArray[np.uint8]
) -> list[tuple[NDArray[np.bool_], NDArray[np.uint8]]]:
    """The spikes that reach neurons along edges of each delay.

    Args:
        network: The network.
        neurons: The receiving neurons.
        sources: The sources to look at.
        spikes: What all sources emit, shape (..., T, sources, channels).

    Returns:
        For each delay in use, which edges have it, shape (neurons, chosen sources), and the spikes
        as they arrive, shape (..., T, chosen sources, channels).
    """
    delays = network.delays[np.ix_(np.array(neurons), sources)]
    emitted = spikes[..., sources, :]
    arriving = []
    if (delays == SAME_STEP).any():
        arriving.append((delays == SAME_STEP, emitted))
    if (delays == NEXT_STEP).any():
        late = np.zeros_like(emitted)
        late[..., 1:, :, :] = emitted[..., :-1, :, :]
        arriving.append((delays == NEXT_STEP, late))
    return arriving


def input_spikes(network: Network, inputs: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Spikes of all sources while only input lines spike.

    Args:
        network: The network.
        inputs: Spikes of the input lines, shape (..., T, inputs).

    Returns:
        Shape (..., T, sources, channels); a line feeds all channels.

    Raises:
        UsageError: If a spike is neither 0 nor 1, or they have another shape.
    """
    inputs = spike_array(inputs, "inputs", (..., "T", network.inputs))
    spikes = np.zeros((*inputs.shape[:-1], network.sources, network.channels), np.uint8)
    spikes[..., : network.inputs, :] = inputs[..., None]
    return spikes


def input_currents(
    network: Network, neurons: Sequence[int], weights: FloatArray, spikes: NDArray[np.uint8]
) -> FloatArray:
    """The currents z of eq. (1) into the io qubits of some neurons.

    Args:
        network: The network.
        neurons: The receiving neurons, all with the same number N of io qubits.
        weights: w of all neurons, shape (neurons, sources, channels).
        spikes: What all sources emit, shape (..., T, sources, channels).

    Returns:
        Currents, shape (..., neurons, T, N).

    Raises:
        UsageError: If a neuron does not exist or has another N, a shape is wrong, a weight is not finite, or
            a spike is neither 0 nor 1.
    """
    neurons = check_neurons(network, neurons)
    if len({network.neurons[i].io_qubits for i in neurons}) != 1:
        raise UsageError(f"neurons {list(neurons)}: at least one, all with the same number of io qubits")
    shape = (network.sources, network.channels)
    weights = real_array(weights, "weights", (len(network.neurons), *shape))
    spikes = spike_array(spikes, "spikes", (..., "T", *shape))
    io_qubits = network.neurons[neurons[0]].io_qubits
    sources = feeding_sources(network, neurons)
    own = weights[np.ix_(np.array(neurons), sources, np.arange(io_qubits))]
    total = np.zeros((*spikes.shape[:-2], len(neurons), io_qubits))
    for edges, arriving in arriving_spikes(network, neurons, sources, spikes):
        for n in range(io_qubits):
            total[..., n] += arriving[..., n].astype(np.float64) @ (own[..., n] * edges).T
    return np.moveaxis(total, -2, -3)
