"""Networks described in JSON, for ``sqsq compile network``."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqsq.errors import DataError, UsageError
from sqsq.model.network import Network, network_from_edges
from sqsq.model.neuron import Neuron
from sqsq.model.parameters import Parameters, check_parameters


@dataclass(frozen=True, eq=False)
class DescribedNetwork:
    """A network with parameters and the spikes of its input lines.

    Attributes:
        network: The network.
        parameters: Its weights and angles.
        spikes: Spikes of the input lines, uint8, shape (T, inputs).
    """

    network: Network
    parameters: Parameters
    spikes: NDArray[np.uint8]


def read_network(path: Path) -> DescribedNetwork:
    """Read a description.

    It is an object with ``inputs`` (how many lines), ``neurons`` (a list of objects with ``io_qubits``,
    ``memory_qubits`` and ``ansatz``, all optional), ``edges`` (a list of objects with ``from`` and ``to``,
    ``delay`` 0 or 1, and ``weight``, a number or one for each io qubit; ``from`` below ``inputs`` is an input
    line, ``inputs`` + i neuron i), ``outputs`` (neurons), ``theta`` (a list of angles for each neuron; zeros
    if left out) and ``spikes`` (a list for each time step, one 0 or 1 for each input line).

    Raises:
        DataError: If the file cannot be read or is no such object.
        UsageError: If the network breaks a rule.
    """
    try:
        described = json.loads(path.read_text())
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise DataError(f"{path} is not JSON: {error}") from error
    try:
        return _build(described)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise DataError(f"{path} describes no network: {type(error).__name__} {error}") from error


def _build(described: dict[str, Any]) -> DescribedNetwork:
    inputs = int(described["inputs"])
    neurons = [Neuron(**neuron) for neuron in described["neurons"]]
    if not neurons:
        raise UsageError("the list of neurons is empty: at least one")
    edges = [(edge["from"], edge["to"], edge.get("delay", 0)) for edge in described["edges"]]
    network = network_from_edges(inputs, neurons, edges, described["outputs"])
    weights = np.zeros((len(neurons), network.sources, network.channels))
    for edge in described["edges"]:
        channels = neurons[edge["to"]].io_qubits
        weights[edge["to"], edge["from"], :channels] = edge["weight"]
    theta = np.zeros((len(neurons), max(len(neuron.angles) for neuron in neurons)))
    for i, angles in enumerate(described.get("theta", ())):
        if len(angles) != len(neurons[i].angles):
            names = ", ".join(angle.name for angle in neurons[i].angles)
            raise UsageError(f"theta of neuron {i} has {len(angles)} angles: it needs {names}")
        theta[i, : len(angles)] = angles
    spikes = np.array(described["spikes"])
    if spikes.ndim != 2 or spikes.shape[1] != inputs or not np.isin(spikes, (0, 1)).all() or not len(spikes):
        raise UsageError(
            f"spikes have shape {spikes.shape}: a list of {inputs} zeros and ones for each time step"
        )
    parameters = Parameters(weights, theta)
    check_parameters(network, parameters)
    return DescribedNetwork(network, parameters, spikes.astype(np.uint8))
