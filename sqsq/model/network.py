"""A network of SQS neurons as a directed graph, eq. (9)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import shown, whole_array, whole_number, whole_numbers
from sqsq.errors import UsageError
from sqsq.model.levels import order_levels
from sqsq.model.neuron import Neuron

NO_EDGE, SAME_STEP, NEXT_STEP = -1, 0, 1
"""Entries of ``Network.delays``: no edge, or the steps a spike takes along it."""

EDGE_LIMIT = 2**30
"""Neurons times sources above which a network is refused: its weights alone would take 8 GB."""


@dataclass(frozen=True, eq=False)
class Network:
    """Neurons and the directed edges between them and from the input lines.

    A **source** is anything that emits spikes: sources 0..inputs-1 are the input lines, source
    inputs + i is neuron i.

    Attributes:
        inputs: The number of input lines. A line feeds all N channels of a neuron.
        neurons: The neurons.
        delays: Entry [i, j] says whether source j feeds neuron i, int8, shape (neurons, sources):
            -1 no edge, 0 in the same time step, 1 one step later.
        outputs: The output neurons, in the order of the classes. They feed no neuron, eq. (9).

    Raises:
        UsageError: If the graph breaks one of these rules, has a cycle without delay, or has an
            edge between neurons of different N (other than from N = 1).
    """

    inputs: int
    neurons: tuple[Neuron, ...]
    delays: NDArray[np.int8]
    outputs: tuple[int, ...]

    def __post_init__(self) -> None:
        inputs, neurons = _check_sizes(self.inputs, self.neurons)
        object.__setattr__(self, "inputs", inputs)
        object.__setattr__(self, "neurons", neurons)
        object.__setattr__(self, "delays", _check_delays(self.delays, (len(neurons), self.sources)))
        object.__setattr__(self, "outputs", _check_outputs(self.outputs, len(neurons)))
        between = self.between_neurons
        for neuron in self.outputs:
            fed = np.flatnonzero(between[:, neuron] != NO_EDGE)
            if fed.size:
                raise UsageError(
                    f"output neuron {neuron} feeds neuron {fed[0]}: output neurons have no outgoing "
                    "edge, eq. (9)"
                )
        for target, source in zip(*np.nonzero(between != NO_EDGE), strict=True):
            if target == source:
                raise UsageError(f"neuron {target} feeds itself: its memory qubits are its self-loop")
            wide, narrow = self.neurons[source].io_qubits, self.neurons[target].io_qubits
            if wide not in (1, narrow):
                raise UsageError(
                    f"neuron {source} with {wide} io qubits feeds neuron {target} with {narrow}: "
                    "both must have as many, or the first 1"
                )
        _check_causal(between == SAME_STEP)

    @property
    def sources(self) -> int:
        """The number of sources: input lines and neurons."""
        return self.inputs + len(self.neurons)

    @property
    def between_neurons(self) -> NDArray[np.int8]:
        """The delays of the edges between neurons, shape (neurons, neurons)."""
        return self.delays[:, self.inputs :]

    @property
    def hidden(self) -> tuple[int, ...]:
        """The hidden neurons: all but the outputs."""
        return tuple(i for i in range(len(self.neurons)) if i not in self.outputs)

    @property
    def channels(self) -> int:
        """The largest number of io qubits of a neuron."""
        return max(neuron.io_qubits for neuron in self.neurons)


def network_from_edges(
    inputs: int,
    neurons: Sequence[Neuron],
    edges: Iterable[tuple[int, int] | tuple[int, int, int]],
    outputs: Sequence[int],
) -> Network:
    """Build a network from a list of edges.

    Args:
        inputs: The number of input lines.
        neurons: The neurons.
        edges: (source, neuron) or (source, neuron, delay): source below ``inputs`` is an input
            line, source ``inputs`` + i is neuron i; delay is 0 (the default) or 1 step.
        outputs: The output neurons.

    Raises:
        UsageError: If an edge is given twice, has another delay, or names a source or neuron that does not
            exist, or ``Network`` refuses.
    """
    inputs, neurons = _check_sizes(inputs, neurons)
    if not isinstance(edges, Iterable):
        raise UsageError(f"edges are {shown(edges)}: must be a list of (source, neuron) or with a delay")
    delays = np.full((len(neurons), inputs + len(neurons)), NO_EDGE, np.int8)
    for edge in edges:
        source, target, delay = _check_edge(edge, *delays.shape)
        if delays[target, source] != NO_EDGE:
            raise UsageError(
                f"edge {(source, target)} is given twice: there is one from a source to a neuron"
            )
        delays[target, source] = delay
    return Network(inputs, neurons, delays, whole_numbers(outputs, "outputs"))


def fully_connected(
    inputs: int, widths: Sequence[int], neuron: Neuron | None = None, *, recurrent: bool = False
) -> Network:
    """Build a network of fully connected layers.

    Args:
        inputs: The number of input lines.
        widths: The number of neurons of each layer; the last is the output layer.
        neuron: What every neuron is like; one io and one memory qubit by default.
        recurrent: Whether the neurons of a hidden layer also feed each other, one step later.

    Raises:
        UsageError: If there is no layer, or a number is below 1 or no whole number.
    """
    widths = whole_numbers(widths, "layer widths")
    if not widths or min(widths) < 1:
        raise UsageError(f"layer widths {widths}: at least one layer, each of at least 1 neuron")
    count = sum(widths)
    inputs = whole_number(inputs, "the number of input lines", 1)
    _check_edge_limit(count, inputs)
    delays = np.full((count, inputs + count), NO_EDGE, np.int8)
    first, sources = 0, slice(0, inputs)
    for width in widths:
        delays[first : first + width, sources] = SAME_STEP
        sources = slice(inputs + first, inputs + first + width)
        if recurrent and first + width < count:
            delays[first : first + width, sources] = np.where(np.eye(width), NO_EDGE, NEXT_STEP)
        first += width
    outputs = tuple(range(count - widths[-1], count))
    return Network(inputs, (neuron or Neuron(),) * count, delays, outputs)


def _check_sizes(inputs: int, neurons: Sequence[Neuron]) -> tuple[int, tuple[Neuron, ...]]:
    neurons = tuple(neurons) if isinstance(neurons, Iterable) else (neurons,)
    inputs = whole_number(inputs, "the number of input lines")
    if not neurons or inputs < 1:
        raise UsageError(f"a network needs neurons and input lines, not {len(neurons)} and {inputs}")
    for i, neuron in enumerate(neurons):
        if not isinstance(neuron, Neuron):
            raise UsageError(f"neuron {i} is {shown(neuron)}: must be a Neuron")
    _check_edge_limit(len(neurons), inputs)
    return inputs, neurons


def _check_edge_limit(neurons: int, inputs: int) -> None:
    if neurons * (inputs + neurons) > EDGE_LIMIT:
        raise UsageError(
            f"{neurons} neurons and {inputs} input lines: neurons times sources are at most {EDGE_LIMIT:,}"
        )


def _check_delays(delays: NDArray[np.int8], shape: tuple[int, int]) -> NDArray[np.int8]:
    remedy = "-1 no edge, 0 same step, 1 next step"
    checked = whole_array(delays, "delays", shape, low=NO_EDGE, high=NEXT_STEP, dtype=np.int8, remedy=remedy)
    if np.asarray(delays).dtype == np.bool_:  # where would be no edge?
        raise UsageError("delays are True and False: must be -1 (no edge), 0 (same step) or 1 (next step)")
    return checked


def _check_outputs(outputs: Iterable[int], neurons: int) -> tuple[int, ...]:
    outputs = whole_numbers(outputs, "outputs")
    if len(set(outputs)) != len(outputs) or not set(outputs) <= set(range(neurons)):
        raise UsageError(f"outputs {outputs} must be distinct neurons out of 0..{neurons - 1}")
    if not outputs:
        raise UsageError("a network needs at least one output neuron")
    return outputs


def _check_edge(edge: Sequence[int], neurons: int, sources: int) -> tuple[int, int, int]:
    """Source, neuron and delay of an edge."""
    numbers = whole_numbers(edge, f"numbers of edge {shown(edge)}")
    if len(numbers) not in (2, 3):
        raise UsageError(f"edge {shown(edge)}: must be (source, neuron) or (source, neuron, delay)")
    source, target, delay = (*numbers, SAME_STEP)[:3]
    if not 0 <= source < sources or not 0 <= target < neurons:
        raise UsageError(f"edge {(source, target)}: sources are 0..{sources - 1}, neurons 0..{neurons - 1}")
    if delay not in (SAME_STEP, NEXT_STEP):
        raise UsageError(f"edge {shown(edge)}: delays must be 0 (same step) or 1 (next step)")
    return source, target, delay


def _check_causal(same_step: NDArray[np.bool_]) -> None:
    """Raise UsageError if edges without delay close a cycle. Shape (neurons, neurons)."""
    _, stuck = order_levels(same_step)
    if stuck:
        raise UsageError(
            f"neurons {list(stuck)} hold a cycle of edges without delay: give one of them delay 1"
        )
