"""What a trained model takes examples for."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import whole_number
from sqsq.data import check_examples
from sqsq.engines import open_simulator
from sqsq.errors import BackendError, UsageError
from sqsq.jobs import drive
from sqsq.runs.examples import KnownData
from sqsq.runs.settings import RunSettings
from sqsq.tables import Usage
from sqsq.training import Trainer, TrainsNetwork, predict_in_blocks

_PREDICTION = 7
"""A stream of random numbers, beside those of training and evaluation."""


@dataclass(frozen=True, eq=False)
class NamedPredictions:
    """What examples are taken for.

    Attributes:
        classes: The name of the class of each example, shape (examples,).
        numbers: The same as a number.
        counts: Spikes of each output neuron, shape (examples, classes); None for models without those.
        probabilities: See ``Predictions.probabilities``.
        ties: How many examples had to be decided at random.
        spikes: Of all neurons, uint8, shape (examples, T, neurons, channels); None for models without spikes.
        usage: What running them used.
    """

    classes: NDArray[np.str_]
    numbers: NDArray[np.intp]
    counts: NDArray[Any] | None
    probabilities: NDArray[np.float64]
    ties: int
    spikes: NDArray[np.uint8] | None
    usage: Usage

    def __len__(self) -> int:
        return len(self.numbers)


def predict_examples(
    settings: RunSettings,
    trainer: Trainer[Any],
    state: Any,
    known: KnownData,
    x: Any,
    *,
    backend: str | None = None,
    seed: int = 0,
) -> NamedPredictions:
    """Say what examples are taken for, each encoded and run once.

    Args:
        settings: Those of the run that trained the model: its encoder and backend.
        trainer: The model.
        state: What it has learned.
        known: What the run keeps of its examples.
        x: What the encoder takes, such as values in [0, 1], shape (examples, ...).
        backend: A simulator; the one that the run was evaluated on if None.
        seed: Of encodings, shots and ties.

    Raises:
        UsageError: If the examples do not fit the model.
        BackendError: If the backend does not exist, is hardware, or cannot run the circuits.
    """
    seed = whole_number(seed, "seed", 0)
    values = check_examples(x, "x", settings.data.encoding)
    if values.shape[-1] != known.inputs:
        raise UsageError(
            f"x has {values.shape[-1]} values an example: the model takes {known.inputs}, as many as those "
            "that it learned from"
        )
    choice = settings.choice(backend or settings.evaluating)
    if choice.hardware:
        raise BackendError(f"{choice.name} is hardware: predict on a simulator, such as --backend exact")
    engine = open_simulator(choice)
    if isinstance(trainer, TrainsNetwork):
        engine.prepare(trainer.template)
    rng = np.random.default_rng([seed, _PREDICTION])
    plan = predict_in_blocks(
        trainer, lambda block, key: trainer.predict(state, block, rng, key), values, ("predict", seed)
    )
    found, usage = drive(plan, engine)
    return NamedPredictions(
        np.array(known.classes)[found.classes],
        found.classes,
        found.counts,
        found.probabilities,
        found.ties,
        found.spikes,
        usage,
    )
