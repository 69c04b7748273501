"""Plans that classify the examples to evaluate on."""

from typing import Any

import numpy as np

from sqsq.errors import UsageError
from sqsq.estimation import Calibration, Mitigation
from sqsq.inference import Evaluation, judge
from sqsq.runs.examples import RunData
from sqsq.runs.settings import RunSettings
from sqsq.tables import Plan
from sqsq.training import PredictsByProbability, Trainer, evaluate_trainer, predict_in_blocks

_EVALUATION = 4
"""A stream of random numbers, beside those of training."""


def evaluation_plan(
    settings: RunSettings, trainer: Trainer[Any], state: Any, data: RunData, repeat: int
) -> Plan[Evaluation]:
    """Classify the examples to evaluate on once each; another ``repeat`` draws other encodings and shots."""
    rng = np.random.default_rng([settings.seed, _EVALUATION, repeat])
    classes = len(data.known.classes)
    return evaluate_trainer(trainer, state, data.test, classes, rng, ("repeat", repeat))


def probability_plan(
    settings: RunSettings,
    trainer: Trainer[Any],
    state: Any,
    data: RunData,
    repeat: int,
    shots: int,
    mitigation: Mitigation | None = None,
    calibrations: tuple[Calibration, ...] = (),
) -> Plan[Evaluation]:
    """The same by estimated spike probabilities.

    Raises:
        UsageError: If the model has none.
    """
    if not isinstance(trainer, PredictsByProbability):
        raise UsageError(
            f"model {settings.model} answers in single shots only: it estimates no probabilities"
        )
    rng = np.random.default_rng([settings.seed, _EVALUATION, repeat])
    found = yield from predict_in_blocks(
        trainer,
        lambda block, key: trainer.predict_by_probability(
            state, block, rng, shots, mitigation, calibrations, key
        ),
        data.test.images,
        ("repeat", repeat),
        keeps_spikes=False,
    )
    return judge(found, data.test.labels, len(data.known.classes))
