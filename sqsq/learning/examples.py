"""What a network learns from: examples that become encoded batches."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sqsq.data import Sequences
from sqsq.data.encoding import rate_encode, target_spikes
from sqsq.learning.local_learning import Batch
from sqsq.model import Network


class Examples(Protocol):
    """Training examples."""

    def __len__(self) -> int:
        """How many there are."""

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
class RateCodedImages:
    """Images, encoded afresh whenever they are drawn.

    Attributes:
        images: Spike probabilities, shape (images, inputs).
        classes: Their classes, shape (images,).
        steps: T.
    """

    images: NDArray[np.float64]
    classes: NDArray[np.intp]
    steps: int

    def __len__(self) -> int:
        return len(self.images)

    def draw(
        self, chosen: NDArray[np.intp], network: Network, passes: int, rng: np.random.Generator
    ) -> Batch:
        """Draw a spike train for every pixel and pass; see ``Examples.draw``."""
        return Batch(
            rate_encode(self.images[chosen], passes, self.steps, rng),
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
