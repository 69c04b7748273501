"""What a trainer learns."""

from dataclasses import dataclass

from sqsq.data import Encoder, Split
from sqsq.errors import UsageError


@dataclass(frozen=True, eq=False)
class Problem:
    """Examples of some classes, and how they become spikes.

    Attributes:
        inputs: Values of an example: pixels of an image, or lines of a spike train.
        classes: The names of the classes, which labels number.
        encoder: How examples become spikes.
        examples: Those to train on; None where a trained model only answers.
    """

    inputs: int
    classes: tuple[str, ...]
    encoder: Encoder
    examples: Split | None = None

    @property
    def training_examples(self) -> Split:
        """The examples to train on.

        Raises:
            UsageError: If there are none.
        """
        if self.examples is None:
            raise UsageError("there are no examples to train on: a trained model only answers")
        return self.examples
