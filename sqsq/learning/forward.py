"""Forward passes, layer by layer and shot by shot: spikes of one layer become currents of the next."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from sqsq.circuits import Template
from sqsq.engines import EvaluationTable
from sqsq.jobs import Step
from sqsq.model import Network, Neuron, Parameters, angles_of_currents, input_currents, network_layers
from sqsq.model.currents import input_spikes


def alike(network: Network, neurons: Iterable[int]) -> Iterator[tuple[Neuron, tuple[int, ...]]]:
    """Group neurons that share a template: each kind of neuron with its members, in order."""
    kinds: dict[Neuron, list[int]] = {}
    for i in neurons:
        kinds.setdefault(network.neurons[i], []).append(i)
    return ((kind, tuple(members)) for kind, members in kinds.items())


def forward(
    network: Network,
    parameters: Parameters,
    inputs: NDArray[np.uint8],
    neurons: Sequence[int],
    key: tuple[str | int, ...] = (),
) -> Step[NDArray[np.uint8]]:
    """Sample the spikes of some neurons, one shot for each pass, in the same step along same-step edges.

    Args:
        network: The network; it must not be recurrent.
        parameters: Its weights and angles.
        inputs: Spikes of the input lines, shape (batch, M, T, inputs).
        neurons: The neurons to run, with all that feed them.
        key: What the tables are for.

    Yields:
        One table for each layer and kind of neuron.

    Returns:
        Spikes of all sources, uint8, shape (batch, M, T, sources, channels); 0 for neurons that did
        not run. A source with one channel feeds all channels of its targets.

    Raises:
        UsageError: If the network is recurrent.
    """
    images, passes, steps, _ = inputs.shape
    spikes = input_spikes(network, inputs)
    chosen = set(neurons)
    for depth, layer in enumerate(network_layers(network)):
        for kind, members in alike(network, (i for i in layer if i in chosen)):
            currents = input_currents(network, members, parameters.weights, spikes)
            phi = angles_of_currents(currents, kind.definition.rectified)
            template = Template(kind, steps)
            theta = parameters.theta[list(members), None, : len(kind.angles)]
            table = EvaluationTable(
                template,
                phi.reshape(-1, *template.phi_shape),
                np.broadcast_to(theta, (images, passes, len(members), *template.theta_shape)).reshape(
                    -1, *template.theta_shape
                ),
                shots=1,
                key=(*key, "forward", depth),
            )
            result = (yield table).reshape(images, passes, len(members), *template.phi_shape)
            columns = [network.inputs + i for i in members]
            channels = slice(None) if kind.io_qubits == 1 else slice(kind.io_qubits)
            spikes[..., columns, channels] = np.moveaxis(result, 2, 3)
    return spikes
