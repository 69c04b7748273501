"""The trainable numbers of a network: synaptic weights w and circuit angles theta."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import random_generator, real_array, real_number
from sqsq.errors import UsageError
from sqsq.model.network import NO_EDGE, Network

FloatArray = NDArray[np.float64]

MEAN_CURRENT = 0.3
"""The mean current that weights start with: inside 0 to 1, beyond which more current means fewer spikes."""
CURRENT_SPREAD = 0.15
"""How far the currents of hidden neurons start apart (standard deviation): else all would stay alike."""
HIDDEN_RATE = 0.5
"""The spikes per step expected of a hidden neuron at the start."""


@dataclass(frozen=True, eq=False)
class Parameters:
    """Weights and angles of a network.

    Attributes:
        weights: w of eq. (1), float64, shape (neurons, sources, channels); 0 where the network has
            no edge or the neuron no such io qubit.
        theta: Angles, radians, float64, shape (neurons, most angles of any neuron); 0 beyond a
            neuron's own K angles.

    Raises:
        UsageError: If a number is not finite, or the arrays have other axes.
    """

    weights: FloatArray
    theta: FloatArray

    def __post_init__(self) -> None:
        weights = real_array(self.weights, "weights", ("neurons", "sources", "channels"))
        object.__setattr__(self, "weights", weights)
        theta = real_array(self.theta, "theta", (len(weights), "angles"), may_be_empty=("angles",))
        object.__setattr__(self, "theta", theta)


def parameter_shapes(network: Network) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The shapes of weights and theta for a network."""
    neurons = network.neurons
    most_angles = max(len(neuron.angles) for neuron in neurons)
    return (len(neurons), network.sources, network.channels), (len(neurons), most_angles)


def weight_mask(network: Network) -> NDArray[np.bool_]:
    """Where weights are trainable, shape (neurons, sources, channels)."""
    has_channel = np.arange(network.channels) < np.array([[n.io_qubits] for n in network.neurons])
    mask: NDArray[np.bool_] = (network.delays != NO_EDGE)[:, :, None] & has_channel[:, None, :]
    return mask


def check_parameters(network: Network, parameters: Parameters) -> None:
    """Raise UsageError unless the parameters are finite and have the network's shapes.

    They were finite when they were made; but arrays can be written to.
    """
    for name, array, shape in zip(
        ("weights", "theta"), (parameters.weights, parameters.theta), parameter_shapes(network), strict=True
    ):
        if array.shape != shape:
            raise UsageError(f"{name} have shape {array.shape}: this network needs {shape}")
        real_array(array, name)


def initial_parameters(network: Network, active_inputs: float, rng: np.random.Generator) -> Parameters:
    """Draw the parameters that training starts from.

    Every weight is 0.3 over the mean number of active sources, so that currents start near 0.3;
    those of hidden neurons are spread, so that they differ. Angles start near the identity, each
    uniform within its spread.

    Args:
        network: The network.
        active_inputs: The mean number of input lines that carry a spike at one step, above 0.
        rng: The source of randomness.

    Raises:
        UsageError: If ``active_inputs`` is not above 0.
    """
    random_generator(rng)
    active = active_sources(network, active_inputs)
    weights_shape, _ = parameter_shapes(network)
    weights = np.broadcast_to((MEAN_CURRENT / active)[:, None, None], weights_shape).copy()
    hidden = list(network.hidden)
    spread = CURRENT_SPREAD / np.sqrt(active[hidden])
    weights[hidden] += spread[:, None, None] * rng.standard_normal((len(hidden), *weights_shape[1:]))
    return Parameters(weights * weight_mask(network), angles_near_identity(network, rng))


def active_sources(network: Network, active_inputs: float) -> FloatArray:
    """About how many sources of each neuron carry a spike at one step, shape (neurons,).

    Args:
        network: The network.
        active_inputs: The mean number of input lines that do, above 0.

    Raises:
        UsageError: If ``active_inputs`` is not above 0.
    """
    active_inputs = real_number(active_inputs, "the mean number of active inputs")
    if not active_inputs > 0:
        raise UsageError(f"the mean number of active inputs is {active_inputs}: must be above 0")
    edges = network.delays != NO_EDGE
    active = active_inputs * edges[:, : network.inputs].mean(axis=1)
    active += HIDDEN_RATE * edges[:, network.inputs :].sum(axis=1)
    at_least: FloatArray = np.maximum(active, HIDDEN_RATE)
    return at_least


def angles_near_identity(network: Network, rng: np.random.Generator) -> FloatArray:
    """Draw every angle uniform within its spread, shape (neurons, largest K)."""
    theta = np.zeros(parameter_shapes(network)[1])
    for i, neuron in enumerate(network.neurons):
        spreads = np.array([angle.spread for angle in neuron.angles])
        theta[i, : len(spreads)] = rng.uniform(-1, 1, len(spreads)) * spreads
    return theta
