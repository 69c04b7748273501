"""Iteration after iteration: train, evaluate, write down."""

import time
from dataclasses import replace

import numpy as np

from sqsq.experiments.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from sqsq.experiments.run_directory import RunDirectory
from sqsq.experiments.settings import TrainUspsSettings
from sqsq.experiments.trained_run import TrainedRun
from sqsq.experiments.usps_problem import UspsProblem, evaluate_digits, evaluates_after
from sqsq.experiments.watch import Watch
from sqsq.jobs import Ledger, TableRunner, Usage, drive
from sqsq.learning import training_step
from sqsq.model import save_model
from sqsq.report import IterationMetrics, evaluation_fields, save_training_figure

_NOTHING = Usage()


def train_to_the_end(
    settings: TrainUspsSettings,
    runners: dict[str, TableRunner],
    problem: UspsProblem,
    directory: RunDirectory | None,
    ledger: Ledger | None,
    watch: Watch,
    used_before: Usage = _NOTHING,
) -> TrainedRun:
    """Train from the last checkpoint, or from the start, and write down every iteration.

    Args:
        settings: The run.
        runners: The engines to train and to evaluate on, by the names of their backends.
        problem: What to learn.
        directory: Where files are written, or None.
        ledger: The ledger in it, or None.
        watch: Who is told of progress.
        used_before: What calibrations used before the first iteration.
    """
    engine = runners[settings.backend]
    evaluating = runners[settings.evaluating]
    network = problem.training.network
    point = Checkpoint(problem.state, used_before, Usage(), 0.0)
    metrics: list[IterationMetrics] = []
    if directory is not None:
        point = load_checkpoint(directory.checkpoint) or point
        metrics = [IterationMetrics.from_json(line) for line in directory.cut_metrics(point.state.iteration)]
        for line in metrics:
            watch.iteration(line)
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
        if directory is not None:
            with directory.writing():
                save_model(directory.model, network, state.parameters)  # first: a line means a saved model
                directory.append_metrics(line.to_json())
                save_checkpoint(directory.checkpoint, point)  # last: what it has passed is not done again
        if ledger is not None and not settings.hardware:
            ledger.drop_results()
        watch.iteration(line)
    if directory is not None and ledger is not None:
        with directory.writing():
            save_training_figure(metrics, figure_title(settings), directory.figure)
        ledger.remember("finished", True)
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
        None if directory is None else directory.path,
    )


def figure_title(settings: TrainUspsSettings) -> str:
    """One line that says what was trained."""
    digits = " vs ".join(map(str, settings.digits))
    return (
        f"{settings.data} {digits}, {settings.ansatz}, {settings.backend}, M = {settings.m}, "
        f"M_syn = {settings.m_syn}, M_som = {settings.m_som}, M_p = {settings.m_p}, seed {settings.seed}"
    )
