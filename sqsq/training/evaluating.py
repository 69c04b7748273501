"""Predictions and evaluations in blocks of examples, so that memory stays within bounds."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from sqsq.data import Inputs, Split
from sqsq.inference import Evaluation, Predictions, examples_at_once, joined, judge
from sqsq.tables import Plan
from sqsq.training.trainer import Trainer, TrainsNetwork

Predict = Callable[[Inputs, tuple[str | int, ...]], Plan[Predictions]]
_AT_ONCE = 1_000
"""Examples at once where no network says how much memory each takes."""


def predict_in_blocks(
    trainer: Trainer[Any],
    predict: Predict,
    examples: Inputs,
    key: tuple[str | int, ...],
    *,
    keeps_spikes: bool = True,
    at_once: int | None = None,
) -> Plan[Predictions]:
    """Say what examples are taken for, block by block.

    Args:
        trainer: Whose predictions they are.
        predict: Predicts a block, given what its tables are for.
        examples: What the problem's encoder takes.
        key: What the tables are for.
        keeps_spikes: Whether the spikes of all neurons are kept.
        at_once: How many examples a block has; as many as memory has room for if None.
    """
    if at_once is None:
        at_once = _AT_ONCE
        if isinstance(trainer, TrainsNetwork):
            at_once = examples_at_once(trainer.network, trainer.template.steps)
    parts = []
    for first in range(0, len(examples), at_once):
        of_block = (*key, "examples", first) if first else key
        found = yield from predict(examples[first : first + at_once], of_block)
        parts.append(found if keeps_spikes else replace(found, spikes=None))
    return joined(parts)


def evaluate_trainer(
    trainer: Trainer[Any],
    state: Any,
    examples: Split,
    classes: int,
    rng: np.random.Generator,
    key: tuple[str | int, ...],
) -> Plan[Evaluation]:
    """Classify examples, each encoded and run once.

    Args:
        trainer: The model.
        state: What it has learned.
        examples: The examples with their classes.
        classes: How many classes there are.
        rng: Encodes examples and breaks ties.
        key: What the tables are for.
    """
    found = yield from predict_in_blocks(
        trainer,
        lambda block, of_block: trainer.predict(state, block, rng, of_block),
        examples.images,
        key,
        keeps_spikes=False,
    )
    return judge(found, examples.labels, classes)
