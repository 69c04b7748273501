"""What a model takes examples for, and how well it did."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How well a model classified some examples.

    Attributes:
        accuracy: The share classified right.
        images: How many there were.
        ties: How many had to be decided at random.
        spikes_per_step: Spikes of the whole network a time step, averaged over examples; None for models
            without spikes.
        spikes_per_neuron: The same for each neuron, shape (neurons,).
        confusion: How many examples of each class (row) were taken for each class (column).
    """

    accuracy: float
    images: int
    ties: int
    spikes_per_step: float | None
    spikes_per_neuron: NDArray[np.float64] | None
    confusion: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a model takes examples for.

    Attributes:
        classes: The class of each example, shape (examples,).
        probabilities: A score of each class between 0 and 1 whose largest entry is the class, shape
            (examples, classes); how often that is right is not known.
        ties: How many examples had to be decided at random.
        counts: Spikes of each output neuron over all steps and io qubits, or sums of their estimated
            probabilities, shape (examples, outputs); None for models without output neurons.
        spikes: Of all neurons, uint8, shape (examples, T, neurons, channels); None where there are none.
        spikes_per_neuron: Spikes of each neuron a time step, averaged over examples, shape (neurons,).
    """

    classes: NDArray[np.intp]
    probabilities: NDArray[np.float64]
    ties: int = 0
    counts: NDArray[np.int64] | NDArray[np.float64] | None = None
    spikes: NDArray[np.uint8] | None = None
    spikes_per_neuron: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.classes)


def shares_of_counts(counts: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of each class in the spikes, (k + 1/2)/(sum of k + C/2), shape (examples, outputs)."""
    smoothed = np.maximum(counts, 0) + 0.5
    shares: NDArray[np.float64] = smoothed / smoothed.sum(axis=1, keepdims=True)
    return shares


def joined(parts: Sequence[Predictions]) -> Predictions:
    """Predictions of blocks of examples as one."""
    if len(parts) == 1:
        return parts[0]

    def both(name: str) -> NDArray[np.generic] | None:
        found = [getattr(part, name) for part in parts]
        return None if found[0] is None else np.concatenate(found)

    lengths = np.array([len(part) for part in parts])
    rates = [part.spikes_per_neuron for part in parts if part.spikes_per_neuron is not None]
    return Predictions(
        np.concatenate([part.classes for part in parts]),
        np.concatenate([part.probabilities for part in parts]),
        sum(part.ties for part in parts),
        both("counts"),  # type: ignore[arg-type]
        both("spikes"),  # type: ignore[arg-type]
        np.average(rates, axis=0, weights=lengths) if len(rates) == len(parts) else None,
    )


def judge(found: Predictions, right: NDArray[np.intp], classes: int) -> Evaluation:
    """Compare predictions with the right classes.

    Args:
        found: The predictions.
        right: The right classes, shape (examples,).
        classes: How many classes there are.
    """
    rates = found.spikes_per_neuron
    return Evaluation(
        accuracy=float((found.classes == right).mean()),
        images=len(right),
        ties=found.ties,
        spikes_per_step=None if rates is None else float(rates.sum()),
        spikes_per_neuron=rates,
        confusion=np.bincount(right * classes + found.classes, minlength=classes**2)
        .reshape(classes, classes)
        .astype(np.int64),
    )
