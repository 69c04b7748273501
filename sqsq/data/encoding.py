"""Rate encoding of images and labels, rate decoding of output spikes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import (
    class_array,
    probability_array,
    random_generator,
    real_array,
    spike_array,
    whole_number,
)

FloatArray = NDArray[np.float64]


def rate_encode(
    probabilities: FloatArray, passes: int, steps: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Draw a spike train for every pixel, afresh for each pass.

    Args:
        probabilities: Spike probabilities, shape (images, pixels).
        passes: M.
        steps: T.
        rng: The source of randomness.

    Returns:
        Spikes, uint8, shape (images, M, T, pixels).

    Raises:
        UsageError: If a probability is not within [0, 1], or M or T is below 1.
    """
    random_generator(rng)
    passes, steps = whole_number(passes, "M", 1), whole_number(steps, "T", 1)
    probabilities = probability_array(
        probabilities, "probabilities", ("images", "pixels"), may_be_empty=("images",)
    )
    images, pixels = probabilities.shape
    uniform = rng.random((images, passes, steps, pixels), dtype=np.float32)
    return (uniform < probabilities[:, None, None]).astype(np.uint8)


def target_spikes(classes: NDArray[np.intp], outputs: int, steps: int, channels: int) -> NDArray[np.uint8]:
    """The spikes o^T: the neuron of the right class spikes at every step, the others never.

    Args:
        classes: The class of each example, 0..outputs-1, shape (images,).
        outputs: The number of output neurons.
        steps: T.
        channels: N.

    Returns:
        Shape (images, T, outputs, channels).

    Raises:
        UsageError: If a class is not one of 0..outputs-1, or a number is below 1.
    """
    outputs, steps = whole_number(outputs, "outputs", 1), whole_number(steps, "T", 1)
    channels = whole_number(channels, "N", 1)
    classes = class_array(classes, "classes", "images", outputs)
    one_hot = (classes[:, None] == np.arange(outputs)).astype(np.uint8)
    return np.broadcast_to(one_hot[:, None, :, None], (len(classes), steps, outputs, channels)).copy()


@dataclass(frozen=True, eq=False)
class Decoded:
    """Decoded classes.

    Attributes:
        classes: Shape (images,).
        ties: How many images had two or more neurons with the most spikes.
    """

    classes: NDArray[np.intp]
    ties: int


def rate_decode(spikes: NDArray[np.uint8], rng: np.random.Generator) -> Decoded:
    """Choose the class whose neuron spiked most; ties are broken at random.

    Args:
        spikes: Output spikes, shape (images, T, outputs, channels).
        rng: The source of randomness.

    Raises:
        UsageError: If they are no spikes, or have another shape.
    """
    spikes = spike_array(spikes, "spikes", ("images", "T", "outputs", "channels"))
    return decode_rates(spikes.sum(axis=(1, 3), dtype=np.int64), rng)


def decode_rates(rates: NDArray[np.int64] | FloatArray, rng: np.random.Generator) -> Decoded:
    """Choose the class of the highest rate; ties are broken at random.

    Args:
        rates: Spikes, counted or expected, shape (images, outputs).
        rng: The source of randomness.

    Raises:
        UsageError: If a rate is not finite, or they have another shape.
    """
    random_generator(rng)
    rates = real_array(rates, "rates", ("images", "outputs"))
    best = rates == rates.max(axis=1, keepdims=True)
    drawn = np.where(best, rng.random(best.shape), -1.0)
    return Decoded(drawn.argmax(axis=1), int((best.sum(axis=1) > 1).sum()))
