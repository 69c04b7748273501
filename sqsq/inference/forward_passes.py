"""Forward passes: layer by layer, where spikes of one layer become currents of the next, or fused.

Both have the same distribution. A recurrent network can only run fused: its neurons wait for each other.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import choice, spike_array
from sqsq.model import (
    Network,
    Neuron,
    Parameters,
    angles_of_currents,
    check_members,
    check_parameters,
    input_currents,
    input_spikes,
    network_layers,
)
from sqsq.tables import EvaluationTable, Plan, Role, Template, network_table

ForwardMode = Literal["layered", "fused"]


def alike(network: Network, neurons: Iterable[int]) -> Iterator[tuple[Neuron, tuple[int, ...]]]:
    """Group neurons that share a template: each kind of neuron with its members, in order."""
    kinds: dict[Neuron, list[int]] = {}
    for i in neurons:
        kinds.setdefault(network.neurons[i], []).append(i)
    return ((kind, tuple(members)) for kind, members in kinds.items())


_BLOCK_NUMBERS = 2**23
"""About how many numbers of eight bytes are held at once for a block of neurons."""


def neuron_blocks(network: Network, neurons: Iterable[int], numbers: int) -> Iterator[tuple[int, ...]]:
    """Blocks of neurons that share a template, as many as memory has room for.

    Args:
        network: The network.
        neurons: Which of its neurons.
        numbers: How many numbers are held for each.
    """
    size = max(_BLOCK_NUMBERS // numbers, 1)
    for _, members in alike(network, neurons):
        yield from (members[first : first + size] for first in range(0, len(members), size))


def forward(
    network: Network,
    parameters: Parameters,
    inputs: NDArray[np.uint8],
    neurons: Sequence[int],
    key: tuple[str | int, ...] = (),
    mode: ForwardMode = "layered",
) -> Plan[NDArray[np.uint8]]:
    """Sample the spikes of some neurons, one shot for each pass, in the same step along same-step edges.

    Args:
        network: The network.
        parameters: Its weights and angles.
        inputs: Spikes of the input lines, shape (batch, M, T, inputs).
        neurons: The neurons to run, with all that feed them.
        key: What the tables are for.
        mode: ``layered``, or ``fused``: all neurons in one dynamic circuit.

    Yields:
        One table for each layer and kind of neuron, or one for all neurons.

    Returns:
        Spikes of all sources, uint8, shape (batch, M, T, sources, channels); 0 for neurons that did
        not run. A source with one channel feeds all channels of its targets.

    Raises:
        UsageError: If inputs, parameters or neurons do not fit the network, or a recurrent network is to run
            layer by layer.
    """
    choice(mode, "mode", get_args(ForwardMode))
    inputs = spike_array(inputs, "inputs", ("batch", "M", "T", network.inputs))
    check_parameters(network, parameters)
    neurons = check_members(network, neurons)
    if mode == "fused" and len(neurons):
        return (yield from _fused(network, parameters, inputs, neurons, key))
    spikes = input_spikes(network, inputs)
    chosen = set(neurons)
    for depth, layer in enumerate(network_layers(network)):
        for kind, members in alike(network, (i for i in layer if i in chosen)):
            of_layer = (*key, "forward", depth)
            table = neuron_table(network, parameters, members, spikes, 1, of_layer, role="forward")
            result = table.unfold((yield table))[..., 0, :, :]
            columns = [network.inputs + i for i in members]
            channels = slice(None) if kind.io_qubits == 1 else slice(kind.io_qubits)
            spikes[..., columns, channels] = np.moveaxis(result, 2, 3)
    return spikes


def neuron_table(
    network: Network,
    parameters: Parameters,
    members: Sequence[int],
    spikes: NDArray[np.uint8],
    shots: int,
    key: tuple[str | int, ...],
    *,
    role: Role = "estimate",
) -> EvaluationTable:
    """Evaluations of neurons that share a template, given all spikes that reach them.

    Args:
        network: The network.
        parameters: Its weights and angles.
        members: The neurons.
        spikes: What all sources emit, shape (batch, M, T, sources, channels).
        shots: Shots of each evaluation.
        key: Which table it is.
        role: What it is for.

    Returns:
        Evaluations of shape (batch, M, members).
    """
    kind = network.neurons[members[0]]
    template = Template(kind, spikes.shape[2])
    currents = input_currents(network, members, parameters.weights, spikes)
    phi = angles_of_currents(currents, kind.definition.rectified)
    theta = parameters.theta[list(members), None, : len(kind.angles)]
    return EvaluationTable(
        template,
        phi,
        np.broadcast_to(theta, (*phi.shape[:-2], *template.theta_shape)),
        shots,
        key,
        role,
    )


def _fused(
    network: Network,
    parameters: Parameters,
    inputs: NDArray[np.uint8],
    neurons: Sequence[int],
    key: tuple[str | int, ...],
) -> Plan[NDArray[np.uint8]]:
    """The same in one table."""
    members = sorted(neurons)
    rows = inputs.reshape(-1, *inputs.shape[2:])
    result = yield network_table(network, parameters, members, rows, 1, (*key, "forward", "fused"))
    spikes = input_spikes(network, inputs)
    found = result[:, 0].reshape(*inputs.shape[:3], len(members), -1)
    for k, i in enumerate(members):
        width = network.neurons[i].io_qubits
        # a source with one channel feeds all channels of its targets
        channels = slice(None) if width == 1 else slice(width)
        spikes[..., network.inputs + i, channels] = found[..., k, :width]
    return spikes
