"""Iteration after iteration: train, evaluate, write down, tell."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqsq.engines import Engine
from sqsq.inference import Evaluation
from sqsq.jobs import Tell, drive
from sqsq.tables import Plan, Usage
from sqsq.training.checkpoint import Checkpoint
from sqsq.training.events import EvaluationDone, IterationDone
from sqsq.training.metrics import IterationMetrics, evaluation_fields
from sqsq.training.trainer import Trainer


def train_to_the_end(
    trainer: Trainer[Any],
    point: Checkpoint,
    iterations: int,
    engine: Engine,
    *,
    evaluating: Engine,
    evaluates_after: Callable[[int], bool],
    evaluate: Callable[[Any, int], Plan[Evaluation]],
    keep: Callable[[Checkpoint, IterationMetrics], None],
    tell: Tell,
) -> tuple[Checkpoint, list[IterationMetrics]]:
    """Train from where it stands.

    Args:
        trainer: What learns.
        point: Where it stands: the last checkpoint, or the start.
        iterations: How many iterations there are in all.
        engine: What runs the tables of training.
        evaluating: What runs those of evaluations.
        evaluates_after: Says after which iterations the model is evaluated.
        evaluate: Evaluates a state after so many iterations.
        keep: Writes down what an iteration did.
        tell: Told of iterations and evaluations.

    Returns:
        Where it stands now, and what each of these iterations did.
    """
    metrics: list[IterationMetrics] = []
    state = trainer.restore(point.arrays)
    while point.iteration < iterations:
        start = time.perf_counter()
        (state, measures), used = drive(trainer.step(state, point.iteration), engine)
        done = point.iteration + 1
        seconds = time.perf_counter() - start
        line = IterationMetrics(done, used.evaluations, used.executions, seconds, dict(measures))
        used_evaluating, seconds_evaluating = Usage(), 0.0
        if evaluates_after(done):
            start = time.perf_counter()
            evaluation, used_evaluating = drive(evaluate(state, done), evaluating)
            seconds_evaluating = time.perf_counter() - start
            line = replace(line, **evaluation_fields(evaluation))
            tell(EvaluationDone(done, evaluation))
        point = Checkpoint(
            done,
            trainer.arrays(state),
            point.usage + used,
            point.usage_evaluating + used_evaluating,
            point.seconds_evaluating + seconds_evaluating,
        )
        metrics.append(line)
        keep(point, line)
        tell(IterationDone(line))
    return point, metrics
