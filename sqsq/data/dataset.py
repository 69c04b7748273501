"""Labelled examples, split into training and test parts."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import (
    class_array,
    did_you_mean,
    dimensions,
    picked,
    probability_array,
    real_number,
    shown,
    spike_array,
    whole_numbers,
)
from sqsq.errors import DataError, UsageError

_SPIKE_TRAINS = 3
"""Axes of spike trains: examples, steps, lines."""
DIGITS = tuple(map(str, range(10)))
"""The classes of handwritten digits."""


@dataclass(frozen=True, eq=False)
class Split:
    """Some labelled examples.

    Attributes:
        images: Values such as pixels in [0, 1], float64, shape (examples, lines), or spike trains, uint8,
            shape (examples, T, lines).
        labels: The digits shown, 0-9, or after ``choose_classes`` the numbers of the classes; shape
            (examples,).

    Raises:
        UsageError: If a value is not within [0, 1], a spike neither 0 nor 1, a label no whole number from 0
            on, or their numbers differ.
    """

    images: NDArray[np.float64] | NDArray[np.uint8]
    labels: NDArray[np.intp]

    def __post_init__(self) -> None:
        images: NDArray[Any]
        if dimensions(self.images) == _SPIKE_TRAINS:
            shape = ("images", "T", "inputs")
            try:
                images = spike_array(self.images, "images", shape, may_be_empty=("images",))
            except UsageError as error:
                raise UsageError(
                    f"images of shape {np.shape(self.images)} are spike trains, (images, T, inputs), and "
                    f"values have the shape (images, pixels): {error}"
                ) from error
        else:
            images = probability_array(self.images, "images", ("images", "pixels"), may_be_empty=("images",))
        object.__setattr__(self, "images", images)
        object.__setattr__(self, "labels", class_array(self.labels, "labels", len(images)))

    def __len__(self) -> int:
        return len(self.labels)

    def select(self, chosen: Any) -> "Split":
        """The examples that a NumPy index picks.

        Raises:
            UsageError: If it is no index of these examples.
        """
        return Split(picked(self.images, chosen, "images"), picked(self.labels, chosen, "labels"))


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set.

    Attributes:
        name: The name under which ``--data`` finds it.
        train: The training examples.
        test: The test examples, for reporting only.
        classes: What the labels 0, 1, ... are called; the digits if None.

    Raises:
        UsageError: If training and test examples differ in their number of lines, or a label has no name.
    """

    name: str
    train: Split
    test: Split
    classes: tuple[str, ...] = DIGITS

    def __post_init__(self) -> None:
        train, test = self.train.images.shape[1:], self.test.images.shape[1:]
        if train != test:
            named = "pixels" if len(train) == 1 else "steps and lines"
            raise UsageError(
                f"data set {self.name} trains on {_sizes(train)} {named}, tests on {_sizes(test)}: as many"
            )
        for split in (self.train, self.test):
            if len(split) and split.labels.max() >= len(self.classes):
                raise UsageError(
                    f"data set {self.name} has the label {split.labels.max()}, and names of "
                    f"{len(self.classes)} classes"
                )

    @property
    def pixels(self) -> int:
        """Input lines of an example: pixels of an image."""
        return int(self.train.images.shape[-1])

    @cached_property
    def digest(self) -> str:
        """What tells these examples from all others, whatever file they came from."""
        content = hashlib.sha256("\n".join(self.classes).encode())
        for split in (self.train, self.test):
            for array in (split.images, split.labels.astype("<i8")):
                content.update(f"\n{array.dtype.str} {array.shape}\n".encode())
                content.update(np.ascontiguousarray(array).tobytes())
        return content.hexdigest()


def choose_classes(dataset: Dataset, names: Sequence[str]) -> Dataset:
    """Keep some classes and number them 0, 1, ... in the order given; all of them if none is named.

    Raises:
        UsageError: If one class is named alone, or two are equal.
        DataError: If the data set has no class of a name, or no example of it.
    """
    if not names:
        names = tuple(c for k, c in enumerate(dataset.classes) if (dataset.train.labels == k).any())
    listed = ",".join(names)
    if len(names) < 2:
        raise UsageError(f"classes {listed}: at least two different ones")
    for name in names:
        if name not in dataset.classes:
            meant, known = did_you_mean(name, dataset.classes), ", ".join(dataset.classes[:20])
            raise DataError(f"data set {dataset.name} has no class {shown(name)}{meant}: it has {known}")
        if list(names).count(name) > 1:
            raise UsageError(f"classes {listed}: they must be different")
    numbers = np.array([dataset.classes.index(name) for name in names])

    def keep(split: Split) -> Split:
        for name, number in zip(names, numbers, strict=True):
            if not (split.labels == number).any():
                raise DataError(f"data set {dataset.name} has no example of class {name}")
        kept = split.select(np.isin(split.labels, numbers))
        order = np.argsort(numbers)
        return replace(kept, labels=order[np.searchsorted(numbers[order], kept.labels)])

    return Dataset(dataset.name, keep(dataset.train), keep(dataset.test), tuple(names))


def digit_classes(digits: tuple[int, ...]) -> tuple[str, ...]:
    """The names of the classes that some digits are.

    Raises:
        UsageError: If fewer than two digits are given, a digit is none, or two are equal.
    """
    digits = whole_numbers(digits, "digits")
    if len(digits) < 2:
        raise UsageError(f"digits {','.join(map(str, digits))}: at least two different ones")
    for digit in digits:
        if digit not in range(10):
            raise UsageError(f"unknown digit {digit}: digits are 0 to 9")
        if digits.count(digit) > 1:
            raise UsageError(f"digits {','.join(map(str, digits))}: they must be different")
    return tuple(map(str, digits))


def choose_digits(dataset: Dataset, digits: tuple[int, ...]) -> Dataset:
    """Keep some digits and number them as classes 0, 1, ... in the order given.

    Raises:
        UsageError: As ``digit_classes``.
        DataError: If the data set has no images of one of them.
    """
    return choose_classes(dataset, digit_classes(digits))


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
    held = dataset.train.select(held_out)
    return Dataset(dataset.name, dataset.train.select(train), held, dataset.classes)


def _sizes(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
