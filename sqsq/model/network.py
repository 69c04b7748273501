"""A network of SQS neurons as a directed graph, eq. (9)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sqsq.errors import UsageError
from sqsq.model.levels import order_levels
from sqsq.model.neuron import Neuron

NO_EDGE, SAME_STEP, NEXT_STEP = -1, 0, 1
"""Entries of ``Network.delays``: no edge, or the steps a spike takes along it."""


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
        count = len(self.neurons)
        if count < 1 or self.inputs < 1:
            raise UsageError(f"a network needs neurons and input lines, not {count} and {self.inputs}")
        if self.delays.shape != (count, self.sources):
            raise UsageError(f"delays have shape {self.delays.shape}: must be {(count, self.sources)}")
        if not np.isin(self.delays, (NO_EDGE, SAME_STEP, NEXT_STEP)).all():
            raise UsageError("delays must be -1 (no edge), 0 (same step) or 1 (next step)")
        if len(set(self.outputs)) != len(self.outputs) or not set(self.outputs) <= set(range(count)):
            raise UsageError(f"outputs {self.outputs} must be distinct neurons out of 0..{count - 1}")
        if not self.outputs:
            raise UsageError("a network needs at least one output neuron")
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
        UsageError: If an edge names a source or neuron that does not exist, or ``Network`` refuses.
    """
    delays = np.full((len(neurons), inputs + len(neurons)), NO_EDGE, np.int8)
    for source, target, *delay in edges:
        if not 0 <= source < delays.shape[1] or not 0 <= target < len(neurons):
            raise UsageError(
                f"edge {(source, target)}: sources are 0..{delays.shape[1] - 1}, "
                f"neurons 0..{len(neurons) - 1}"
            )
        delays[target, source] = delay[0] if delay else SAME_STEP
    return Network(inputs, tuple(neurons), delays, tuple(outputs))


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
        UsageError: If there is no layer or a width is below 1.
    """
    if not widths or min(widths) < 1:
        raise UsageError(f"layer widths {tuple(widths)}: at least one layer, each of at least 1 neuron")
    count = sum(widths)
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


def _check_causal(same_step: NDArray[np.bool_]) -> None:
    """Raise UsageError if edges without delay close a cycle. Shape (neurons, neurons)."""
    _, stuck = order_levels(same_step)
    if stuck:
        raise UsageError(
            f"neurons {list(stuck)} hold a cycle of edges without delay: give one of them delay 1"
        )
