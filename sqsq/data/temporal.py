"""Temporal tasks: sequences whose answer at one step depends on what came in before."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import choice, mask_array, random_generator, spike_array, whole_number
from sqsq.data.dataset import Split
from sqsq.data.encoders import spike_probabilities
from sqsq.data.encoding import target_spikes
from sqsq.errors import UsageError

Coding = Literal["rate", "threshold"]
_HALF = 0.5


@dataclass(frozen=True, eq=False)
class Sequences:
    """Input spikes and the spikes that should answer them.

    Attributes:
        inputs: Spikes of the input lines, uint8, shape (examples, T, lines).
        targets: The spikes that the output neurons should emit, uint8, shape (examples, T, outputs).
        counted: The steps at which the answer counts, shape (T,).

    Raises:
        UsageError: If a spike is neither 0 nor 1, shapes do not fit together, or no step counts.
    """

    inputs: NDArray[np.uint8]
    targets: NDArray[np.uint8]
    counted: NDArray[np.bool_]

    def __post_init__(self) -> None:
        inputs = spike_array(self.inputs, "inputs", ("examples", "T", "lines"), may_be_empty=("examples",))
        examples, steps, _ = inputs.shape
        targets = spike_array(self.targets, "targets", (examples, steps, "outputs"))
        object.__setattr__(self, "inputs", inputs)
        object.__setattr__(self, "targets", targets)
        object.__setattr__(self, "counted", mask_array(self.counted, "counted", (steps,)))

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True)
class DelayedTask:
    """A task in which the answer at step t needs the symbol that came in d steps before.

    Symbols are drawn uniformly and independently. With one input line they are the bits 0 and 1; with
    L > 1 lines the symbol k is a spike on line k.

    Attributes:
        rule: ``recall``: the answer is the symbol at step t - d. ``xor``: it is the bit x_t xor x_{t-d}.
        delay: d, at least 1.
        steps: T, more than d. The first d steps do not count.
        lines: L; 1 for ``xor``.

    Raises:
        UsageError: If a value is not allowed.
    """

    rule: Literal["recall", "xor"]
    delay: int
    steps: int
    lines: int = 1

    def __post_init__(self) -> None:
        choice(self.rule, "rule", ("recall", "xor"))
        for name in ("delay", "steps", "lines"):
            object.__setattr__(self, name, whole_number(getattr(self, name), name))
        if not 1 <= self.delay < self.steps:
            raise UsageError(f"delay {self.delay} of {self.steps} steps: must be 1 to {self.steps - 1}")
        if self.lines < 1 or (self.rule == "xor" and self.lines > 1):
            raise UsageError(f"{self.rule} of {self.lines} lines: recall takes 1 or more, xor takes 1")

    @property
    def symbols(self) -> NDArray[np.uint8]:
        """The spikes of each symbol, shape (symbols, lines)."""
        if self.lines == 1:
            return np.array([[0], [1]], np.uint8)
        return np.eye(self.lines, dtype=np.uint8)

    def answers(self, inputs: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The right spikes for some input spikes; before the first symbol there was silence.

        Args:
            inputs: Shape (examples, T, lines).

        Returns:
            Shape (examples, T, lines).

        Raises:
            UsageError: If they are no spikes, or have another shape.
        """
        inputs = spike_array(
            inputs, "inputs", ("examples", self.steps, self.lines), may_be_empty=("examples",)
        )
        earlier = np.zeros_like(inputs)
        earlier[:, self.delay :] = inputs[:, : -self.delay]
        return earlier if self.rule == "recall" else inputs ^ earlier


def draw_sequences(task: DelayedTask, examples: int, rng: np.random.Generator) -> Sequences:
    """Draw sequences of a task.

    Args:
        task: The task.
        examples: How many.
        rng: The source of randomness.

    Raises:
        UsageError: If ``examples`` is below 0.
    """
    random_generator(rng)
    size = (whole_number(examples, "examples", 0), task.steps)
    drawn = rng.integers(len(task.symbols), size=size)
    inputs = task.symbols[drawn]
    return Sequences(inputs, task.answers(inputs), np.arange(task.steps) >= task.delay)


def best_without_memory(task: DelayedTask) -> float:
    """The largest accuracy that any network can reach which knows the present symbol only.

    Its answer is a function of the present symbol (an answer drawn at random is no better than the best
    of those it is drawn from). All pairs of present and earlier symbols are equally likely; for each
    present one the most frequent answer is the best.

    Returns:
        The share of counted steps at which all output spikes are right, exactly.
    """
    symbols = task.symbols
    right = 0
    for present in symbols:
        pairs = np.repeat(symbols[:, None], task.delay + 1, axis=1)
        pairs[:, -1] = present
        pair_task = DelayedTask(task.rule, task.delay, task.delay + 1, task.lines)
        _, counts = np.unique(pair_task.answers(pairs)[:, -1], axis=0, return_counts=True)
        right += int(counts.max())
    return right / len(symbols) ** 2


def digit_rows(
    split: Split,
    side: int,
    classes: int,
    coding: Coding = "rate",
    rng: np.random.Generator | None = None,
) -> Sequences:
    """Images row by row: at step t the lines are the pixels of row t.

    Args:
        split: Images and their classes.
        side: T and the number of lines: the images have side x side pixels.
        classes: The number of output neurons.
        coding: ``rate``: a pixel spikes with its probability; ``threshold``: if it is brighter than 1/2.
        rng: Draws the spikes of ``rate``.

    Returns:
        Sequences; every step counts, and the neuron of the class should spike at all of them.

    Raises:
        UsageError: If the images have another size, a label is no class, the coding is unknown, or ``rate``
            has no ``rng``.
    """
    side, classes = whole_number(side, "side", 1), whole_number(classes, "classes", 1)
    if split.images.shape[1] != side**2:
        raise UsageError(f"images of {split.images.shape[1]} pixels are not {side}x{side}")
    choice(coding, "coding", get_args(Coding))
    if coding == "threshold":
        spikes = split.images > _HALF
    elif rng is None:
        raise UsageError("rate coding draws spikes: it needs a generator of random numbers")
    else:
        random_generator(rng)
        spikes = rng.random(split.images.shape) < spike_probabilities(split)
    inputs = spikes.astype(np.uint8).reshape(-1, side, side)
    targets = target_spikes(split.labels, classes, side, 1)[..., 0]
    return Sequences(inputs, targets, np.ones(side, bool))
