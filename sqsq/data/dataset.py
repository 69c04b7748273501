"""Labelled images, split into training and test parts."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import class_array, picked, probability_array, real_number, whole_numbers
from sqsq.errors import DataError, UsageError

PIXEL_LIMIT = 0.5
"""Spike probabilities of pixels are clipped here: brighter pixels would spike at every step."""


@dataclass(frozen=True, eq=False)
class Split:
    """Some labelled images.

    Attributes:
        images: Pixel values in [0, 1], float64, shape (images, pixels).
        labels: The digits shown, 0-9, or after ``choose_digits`` the classes; shape (images,).

    Raises:
        UsageError: If a pixel is not within [0, 1], a label is no whole number from 0 on, or their numbers
            differ.
    """

    images: NDArray[np.float64]
    labels: NDArray[np.intp]

    def __post_init__(self) -> None:
        images = probability_array(self.images, "images", ("images", "pixels"), may_be_empty=("images",))
        object.__setattr__(self, "images", images)
        object.__setattr__(self, "labels", class_array(self.labels, "labels", len(images)))

    def __len__(self) -> int:
        return len(self.labels)

    def select(self, chosen: Any) -> "Split":
        """The images that a NumPy index picks.

        Raises:
            UsageError: If it is no index of these images.
        """
        return Split(picked(self.images, chosen, "images"), picked(self.labels, chosen, "labels"))


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set.

    Attributes:
        name: The name under which ``--data`` finds it.
        train: The training images.
        test: The test images, for reporting only.

    Raises:
        UsageError: If training and test images differ in their number of pixels.
    """

    name: str
    train: Split
    test: Split

    def __post_init__(self) -> None:
        train, test = self.train.images.shape[1], self.test.images.shape[1]
        if train != test:
            raise UsageError(f"data set {self.name} trains on {train} pixels, tests on {test}: as many")

    @property
    def pixels(self) -> int:
        """Pixels of an image."""
        return int(self.train.images.shape[1])


def choose_digits(dataset: Dataset, digits: tuple[int, ...]) -> Dataset:
    """Keep some digits and number them as classes 0, 1, ... in the order given.

    Raises:
        UsageError: If fewer than two digits are given, a digit is none, or two are equal.
        DataError: If the data set has no images of one of them.
    """
    digits = whole_numbers(digits, "digits")
    if len(digits) < 2:
        raise UsageError(f"digits {','.join(map(str, digits))}: at least two different ones")
    for digit in digits:
        if digit not in range(10):
            raise UsageError(f"unknown digit {digit}: digits are 0 to 9")
        if digits.count(digit) > 1:
            raise UsageError(f"digits {','.join(map(str, digits))}: they must be different")

    def keep(split: Split) -> Split:
        for digit in digits:
            if not (split.labels == digit).any():
                raise DataError(f"data set {dataset.name} has no image of digit {digit}")
        kept = split.select(np.isin(split.labels, digits))
        order = np.argsort(digits)
        return replace(kept, labels=order[np.searchsorted(np.array(digits)[order], kept.labels)])

    return Dataset(dataset.name, keep(dataset.train), keep(dataset.test))


def validation_split(dataset: Dataset, fraction: float = 0.2) -> Dataset:
    """Split the training images: a part to train on, and a part to validate on in place of the test images.

    Settings are chosen on this part, so that the test images stay unseen. The split is always the same.

    Args:
        dataset: A data set.
        fraction: The share of the training images that validate, in (0, 1).

    Raises:
        UsageError: If either part would be empty.
    """
    order = np.random.default_rng(0).permutation(len(dataset.train))
    first = round(real_number(fraction, "fraction", 0, 1) * len(order))
    if not 0 < first < len(order):
        raise UsageError(
            f"fraction is {fraction}: of {len(order)} images it leaves none to train or to validate"
        )
    train, held_out = np.sort(order[first:]), np.sort(order[:first])
    return Dataset(dataset.name, dataset.train.select(train), dataset.train.select(held_out))


def spike_probabilities(split: Split) -> NDArray[np.float64]:
    """The probability that a pixel spikes at one step: its value, at most 1/2. Shape (images, pixels)."""
    return np.minimum(split.images, PIXEL_LIMIT)
