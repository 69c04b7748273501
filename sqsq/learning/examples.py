"""What a network learns from: examples that become encoded batches."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import class_array, whole_number
from sqsq.data import PROBABILITIES, Encoder, Inputs, Sequences, target_spikes
from sqsq.errors import UsageError
from sqsq.learning.batch import Batch
from sqsq.model import Network


class Examples(Protocol):
    """Training examples."""

    def __len__(self) -> int:
        """How many there are."""

    def check_fits(self, network: Network) -> None:
        """Raise UsageError unless a network has the inputs and the outputs that they need."""

    def draw(
        self, chosen: NDArray[np.intp], network: Network, passes: int, rng: np.random.Generator
    ) -> Batch:
        """Encode some examples.

        Args:
            chosen: Which ones.
            network: What they are for: its output neurons are held to the targets.
            passes: M.
            rng: The source of randomness.
        """


@dataclass(frozen=True, eq=False)
class EncodedExamples:
    """Labelled examples, encoded afresh whenever they are drawn.

    Attributes:
        images: What the encoder takes: values in [0, 1], shape (images, inputs), or spike trains.
        classes: Their classes, shape (examples,).
        steps: T.
        encoder: How they become spikes; by default they are the probabilities of spikes.

    Raises:
        UsageError: If a value is none that the encoder takes, a class no whole number from 0 on, their
            numbers differ, or T is below 1 or not that of the spike trains.
    """

    images: Inputs
    classes: NDArray[np.intp]
    steps: int
    encoder: Encoder = PROBABILITIES

    def __post_init__(self) -> None:
        object.__setattr__(self, "images", self.encoder.check(self.images, "images"))
        object.__setattr__(self, "classes", class_array(self.classes, "classes", len(self.images)))
        object.__setattr__(self, "steps", whole_number(self.steps, "T", 1))
        self.encoder.encode(self.images[:1], 1, self.steps, np.random.default_rng(0))  # checks T

    def __len__(self) -> int:
        return len(self.images)

    def check_fits(self, network: Network) -> None:
        """See ``Examples.check_fits``: a value for each input line, a class for each output neuron."""
        _check_inputs(network, self.images.shape[-1], "images", "pixels")
        class_array(self.classes, "classes", len(self.images), len(network.outputs))

    def draw(
        self, chosen: NDArray[np.intp], network: Network, passes: int, rng: np.random.Generator
    ) -> Batch:
        """Encode some examples, afresh for every pass; see ``Examples.draw``."""
        return Batch(
            self.encoder.encode(self.images[chosen], passes, self.steps, rng),
            target_spikes(self.classes[chosen], len(network.outputs), self.steps, network.channels),
        )


@dataclass(frozen=True, eq=False)
class FixedSequences:
    """Sequences of spikes, the same in every pass.

    Attributes:
        sequences: Inputs, targets, and which steps count. Every channel of an output neuron is held
            to its target.
    """

    sequences: Sequences

    def __len__(self) -> int:
        return len(self.sequences)

    def check_fits(self, network: Network) -> None:
        """See ``Examples.check_fits``: a line for each input line, a target for each output neuron."""
        _check_inputs(network, self.sequences.inputs.shape[2], "sequences", "lines")
        if (outputs := self.sequences.targets.shape[2]) != len(network.outputs):
            raise UsageError(
                f"the sequences have targets of {outputs} outputs: the network has {len(network.outputs)}"
            )

    def draw(
        self, chosen: NDArray[np.intp], network: Network, passes: int, rng: np.random.Generator
    ) -> Batch:
        """Take the sequences as they are; see ``Examples.draw``."""
        inputs = self.sequences.inputs[chosen]
        targets = self.sequences.targets[chosen]
        return Batch(
            np.repeat(inputs[:, None], passes, axis=1),
            np.repeat(targets[..., None], network.channels, axis=-1),
            self.sequences.counted,
        )


def _check_inputs(network: Network, found: int, name: str, lines: str) -> None:
    if found != network.inputs:
        raise UsageError(f"the {name} have {found} {lines}: the network has {network.inputs} input lines")
