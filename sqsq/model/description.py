"""Networks described in JSON, for ``sqsq compile network``."""

from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import real_number, shown, whole_number
from sqsq.errors import DataError, UsageError
from sqsq.model.network import NEXT_STEP, SAME_STEP, Network, network_from_edges
from sqsq.model.neuron import Neuron
from sqsq.model.parameters import Parameters, check_parameters, parameter_shapes
from sqsq.model.strict_json import read_json

FloatArray = NDArray[np.float64]

MOST_INPUTS, MOST_NEURONS, MOST_EDGES, MOST_STEPS = 10_000, 500, 100_000, 1_000
"""What a description may hold: one circuit of more runs nowhere."""
MOST_SPIKES = 1_000_000
"""Steps times input lines."""
MOST_WEIGHTS = 50_000_000
"""Neurons times sources times the most io qubits of a neuron."""
LARGEST = 1e9
"""Of weights and angles: rounding moves a current angle by 1e-6 there."""
_EDGE = ("from", "to", "weight", "delay")
_NEURON = ("io_qubits", "memory_qubits", "ansatz")


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
    if left out) and ``spikes`` (a list for each time step, one 0 or 1 for each input line). At most 10,000
    input lines, 500 neurons, 100,000 edges and 1,000 steps, and a million spikes of input lines.

    Raises:
        DataError: If the file cannot be read or is no such object.
        UsageError: If the network breaks a rule or is too large.
    """
    described = read_json(path)
    try:
        return _build(_Reader(path, described))
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error


@dataclass(frozen=True)
class _Reader:
    """The object in a file, taken apart; what has another form is no description."""

    path: Path
    content: Any

    def wrong(self, words: str) -> DataError:
        return DataError(f"{self.path} describes no network: {words}")

    def object(
        self, value: Any, name: str, needed: tuple[str, ...], optional: tuple[str, ...]
    ) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.wrong(f"{name} is {shown(value)}, not an object")
        for key in needed:
            if key not in value:
                raise self.wrong(f"{name} has no {key!r}")
        for key in value:
            if key not in (*needed, *optional):
                raise self.wrong(f"{name} has {shown(key)}: its names are {', '.join((*needed, *optional))}")
        return value

    def list(self, value: Any, name: str, most: int) -> list[Any]:
        if not isinstance(value, list):
            raise self.wrong(f"{name} is {shown(value)}, not a list")
        if len(value) > most:
            raise UsageError(f"{name} holds {len(value):,} entries: at most {most:,}")
        return value

    def whole(self, value: Any, name: str) -> int:
        number: int = self.checked(whole_number, value, name)
        return number

    def real(self, value: Any, name: str) -> float:
        number: float = self.checked(real_number, value, name)
        if abs(number) > LARGEST:
            raise UsageError(f"{name} is {number:g}: at most {LARGEST:g} either way")
        return number

    def checked(self, check: Any, value: Any, name: str) -> Any:
        try:
            return check(value, name)
        except UsageError as error:
            raise self.wrong(str(error)) from error


def _build(reader: _Reader) -> DescribedNetwork:
    required = ("inputs", "neurons", "edges", "outputs", "spikes")
    described = reader.object(reader.content, "the description", required, ("theta",))
    inputs = reader.whole(described["inputs"], "inputs")
    if not 1 <= inputs <= MOST_INPUTS:
        raise UsageError(f"inputs is {shown(inputs)}: 1 to {MOST_INPUTS:,} input lines")
    listed = reader.list(described["neurons"], "neurons", MOST_NEURONS)
    neurons = [_neuron(reader, i, neuron) for i, neuron in enumerate(listed)]
    if not neurons:
        raise UsageError("the list of neurons is empty: at least one")
    edges = [
        reader.object(edge, f"edge {i}", _EDGE[:3], _EDGE[3:])
        for i, edge in enumerate(reader.list(described["edges"], "edges", MOST_EDGES))
    ]
    outputs = reader.list(described["outputs"], "outputs", MOST_NEURONS)
    outputs = [reader.whole(neuron, "an output") for neuron in outputs]
    spikes = _spikes(reader, described["spikes"], inputs)
    ends = [_edge(reader, i, edge) for i, edge in enumerate(edges)]
    network = network_from_edges(inputs, neurons, ends, outputs)
    shape, _ = parameter_shapes(network)
    if prod(shape) > MOST_WEIGHTS:
        sizes = "{:,} neurons, {:,} sources and {:,} io qubits".format(*shape)
        raise UsageError(f"{sizes} have {prod(shape):,} weights: at most {MOST_WEIGHTS:,}")
    weights = np.zeros(shape)
    for i, edge in enumerate(edges):
        own = _weights(reader, i, edge["weight"], neurons[edge["to"]].io_qubits)
        weights[edge["to"], edge["from"], : len(own)] = own
    parameters = Parameters(weights, _theta(reader, described.get("theta"), neurons))
    check_parameters(network, parameters)
    return DescribedNetwork(network, parameters, spikes)


def _neuron(reader: _Reader, i: int, described: Any) -> Neuron:
    values = reader.object(described, f"neuron {i}", (), _NEURON)
    try:
        return Neuron(**values)
    except UsageError as error:
        raise UsageError(f"neuron {i}: {error}") from error


def _edge(reader: _Reader, i: int, edge: dict[str, Any]) -> tuple[int, int, int]:
    source, target = (reader.whole(edge[key], f"{key!r} of edge {i}") for key in ("from", "to"))
    delay = reader.whole(edge.get("delay", SAME_STEP), f"'delay' of edge {i}")
    if delay not in (SAME_STEP, NEXT_STEP):
        raise UsageError(f"'delay' of edge {i} is {shown(delay)}: 0 (same step) or 1 (next step)")
    return source, target, delay


def _weights(reader: _Reader, i: int, weight: Any, channels: int) -> list[float]:
    if not isinstance(weight, list):
        return [reader.real(weight, f"'weight' of edge {i}")] * channels
    if len(weight) != channels:
        raise UsageError(
            f"'weight' of edge {i} has {len(weight):,} numbers: one, or {channels}, one an io qubit"
        )
    return [reader.real(each, f"'weight' of edge {i}") for each in weight]


def _theta(reader: _Reader, described: Any, neurons: list[Neuron]) -> FloatArray:
    theta = np.zeros((len(neurons), max(len(neuron.angles) for neuron in neurons)))
    if described is None:
        return theta
    lists = reader.list(described, "theta", MOST_NEURONS)
    for i, (angles, neuron) in enumerate(zip(lists, neurons, strict=False)):
        names = [angle.name for angle in neuron.angles]
        if len(reader.list(angles, f"theta of neuron {i}", MOST_EDGES)) != len(names):
            raise UsageError(f"theta of neuron {i} has {len(angles)} angles: it needs {', '.join(names)}")
        theta[i, : len(names)] = [
            reader.real(angle, f"{name} of neuron {i}") for name, angle in zip(names, angles, strict=True)
        ]
    if len(lists) != len(neurons):
        raise UsageError(f"theta has {len(lists)} lists: one for each of {len(neurons)} neurons")
    return theta


def _spikes(reader: _Reader, described: Any, inputs: int) -> NDArray[np.uint8]:
    steps = reader.list(described, "spikes", MOST_STEPS)
    allowed = f"a list of {inputs} zeros and ones for each time step"
    if not steps:
        raise UsageError(f"spikes are empty: {allowed}")
    if len(steps) * inputs > MOST_SPIKES:
        raise UsageError(
            f"spikes of {len(steps):,} steps and {inputs:,} input lines are {len(steps) * inputs:,}: "
            f"at most {MOST_SPIKES:,}"
        )
    for t, line in enumerate(steps):
        if not isinstance(line, list) or len(line) != inputs:
            raise UsageError(f"spikes of step {t} are {shown(line)}: {allowed}")
        for spike in line:
            if type(spike) is not int or spike not in (0, 1):
                raise UsageError(f"spikes of step {t} hold {shown(spike)}: {allowed}")
    return np.array(steps, np.uint8)
