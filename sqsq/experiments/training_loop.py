"""Iteration after iteration: train, evaluate, write down."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from sqsq.errors import UsageError
from sqsq.experiments.checkpoint import Checkpoint, save_checkpoint
from sqsq.experiments.run_files import RunFiles
from sqsq.experiments.settings import TrainUspsSettings
from sqsq.experiments.trained_run import TrainedRun
from sqsq.experiments.usps_problem import UspsProblem, evaluate_digits, evaluates_after
from sqsq.experiments.watch import Watch
from sqsq.jobs import TableRunner, drive
from sqsq.learning import training_step
from sqsq.model import Network, save_model
from sqsq.report import IterationMetrics, evaluation_fields, save_training_figure
from sqsq.tables import Usage

_NAMED = 5
"""More classes than these are counted in a title, not named."""


def train_to_the_end(
    settings: TrainUspsSettings,
    runners: dict[str, TableRunner],
    problem: UspsProblem,
    point: Checkpoint,
    files: RunFiles | None,
    watch: Watch,
) -> TrainedRun:
    """Train from where it stands, and write down every iteration.

    Args:
        settings: The run.
        runners: The engines to train and to evaluate on, by the names of their backends.
        problem: What to learn.
        point: Where it stands: the last checkpoint, or the start.
        files: What is written, or None.
        watch: Who is told of progress.

    Raises:
        JobError: If a file cannot be written, or metrics are missing or damaged.
    """
    engine = runners[settings.backend]
    evaluating = runners[settings.evaluating]
    network = problem.training.network
    metrics: list[IterationMetrics] = []
    if files is not None:
        metrics = _pick_up(files, network, point, watch)
        files.start.measured = True
        if point.state.iteration < settings.iterations and files.ledger.fact("finished"):
            files.ledger.remember("finished", False)
    while point.state.iteration < settings.iterations:
        start = time.perf_counter()
        (state, gradient), used = drive(training_step(problem.training, point.state), engine)
        line = IterationMetrics(
            iteration=state.iteration,
            loss_bound=gradient.loss_bound,
            gradient_norm_weights=float(np.linalg.norm(gradient.gradients.weights)),
            gradient_norm_theta=float(np.linalg.norm(gradient.gradients.theta)),
            without_estimate=gradient.without_estimate,
            evaluations=used.evaluations,
            executions=used.executions,
            seconds=time.perf_counter() - start,
        )
        used_evaluating, seconds_evaluating = Usage(), 0.0
        if evaluates_after(settings, state.iteration):
            start = time.perf_counter()
            evaluation, used_evaluating = evaluate_digits(
                settings, network, state.parameters, problem.test, state.iteration, evaluating
            )
            seconds_evaluating = time.perf_counter() - start
            line = replace(line, **evaluation_fields(evaluation))
        point = Checkpoint(
            state,
            point.usage + used,
            point.usage_evaluating + used_evaluating,
            point.seconds_evaluating + seconds_evaluating,
        )
        metrics.append(line)
        if files is not None:
            directory = files.directory
            with directory.writing():
                # first: a line means a saved model
                save_model(directory.model, network, state.parameters, run=files.run)
                directory.append_metrics(line.to_json(), files.run)
                # last: what it has passed is not done again
                save_checkpoint(directory.checkpoint, point, files.run)
            if not settings.hardware:
                files.ledger.drop_results()
        watch.iteration(line)
    if files is not None:
        try:
            save_training_figure(metrics, figure_title(settings, problem.classes), files.directory.figure)
        except UsageError as error:  # all else is there
            watch.note(str(error))
        files.ledger.remember("finished", True)
    for runner in runners.values():
        runner.finish()
    return TrainedRun(
        settings,
        network,
        point.state.parameters,
        tuple(metrics),
        point.usage,
        point.usage_evaluating,
        sum(line.seconds for line in metrics),
        point.seconds_evaluating,
        problem.classes,
        None if files is None else files.directory.path,
    )


def _pick_up(files: RunFiles, network: Network, point: Checkpoint, watch: Watch) -> list[IterationMetrics]:
    """The metrics up to a checkpoint; a model that is not that of the checkpoint is written again."""
    directory, parameters = files.directory, point.state.parameters
    with directory.writing():
        lines = directory.cut_metrics(point.state.iteration)
        if lines and not directory.holds_model_of(point):
            watch.note(f"{directory.model} is not that of {directory.checkpoint.name}: it is written again")
            save_model(directory.model, network, parameters, run=files.run)
    metrics = [IterationMetrics.from_json(line) for line in lines]
    for line in metrics:
        watch.iteration(line)
    return metrics


def figure_title(settings: TrainUspsSettings, classes: Sequence[str]) -> str:
    """One line that says what was trained."""
    named = " vs ".join(classes) if len(classes) <= _NAMED else f"{len(classes)} classes"
    return (
        f"{Path(settings.data).name} {named}, {settings.ansatz}, {settings.backend}, M = {settings.m}, "
        f"M_syn = {settings.m_syn}, M_som = {settings.m_som}, M_p = {settings.m_p}, seed {settings.seed}"
    )
