"""Train a network of SQS neurons on handwritten digits, end to end."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sqsq.circuits import Template
from sqsq.data import Dataset, Split, choose_digits, load_dataset, spike_probabilities, validation_split
from sqsq.engines import Engine, open_engine
from sqsq.engines.exact import angles_without_effect
from sqsq.experiments.run_directory import RunDirectory, new_run_directory
from sqsq.experiments.settings import TrainUspsSettings
from sqsq.jobs import Usage, drive, exact_answers
from sqsq.learning import Evaluation, TrainingProblem, TrainingState, evaluate, start_training, training_step
from sqsq.model import Network, Parameters, fully_connected, initial_parameters, save_model
from sqsq.report import IterationMetrics, evaluation_fields, save_training_figure

EXPERIMENT = "train-usps"
_INITIAL, _EVALUATION = 3, 4
"""Streams of random numbers, beside those of ``sqsq.learning.training``."""


@dataclass(frozen=True, eq=False)
class TrainedRun:
    """A finished training run.

    Attributes:
        settings: What it was asked to do.
        network: The network.
        parameters: Its trained parameters, after the last iteration.
        metrics: One record for each iteration.
        usage: What training used, evaluation not included.
        usage_evaluating: What evaluating used.
        seconds: Wall-clock time of training, evaluation not included.
        seconds_evaluating: Wall-clock time of evaluating.
        run_dir: Where its files are, or None.
    """

    settings: TrainUspsSettings
    network: Network
    parameters: Parameters
    metrics: tuple[IterationMetrics, ...]
    usage: Usage
    usage_evaluating: Usage
    seconds: float
    seconds_evaluating: float
    run_dir: Path | None

    @property
    def accuracy(self) -> float:
        """Single-shot accuracy after the last iteration (not the best one seen)."""
        assert self.metrics[-1].accuracy is not None
        return self.metrics[-1].accuracy

    def summary(self) -> dict[str, Any]:
        """The figures of the run, as JSON types."""
        last = self.metrics[-1]
        return {
            "accuracy": self.accuracy,
            "evaluated_on": self.settings.evaluate_on,
            "iterations": last.iteration,
            "evaluations": self.usage.evaluations,
            "executions": self.usage.executions,
            "evaluations_evaluating": self.usage_evaluating.evaluations,
            "executions_evaluating": self.usage_evaluating.executions,
            "seconds": self.seconds,
            "seconds_evaluating": self.seconds_evaluating,
            "loss_bound": last.loss_bound,
            "ties": last.ties,
            "spikes_per_step": last.spikes_per_step,
            "spikes_per_neuron": last.spikes_per_neuron,
            "run_dir": None if self.run_dir is None else str(self.run_dir),
            "backend": self.settings.backend,
            "evaluate_backend": self.settings.evaluate_backend or self.settings.backend,
            "seed": self.settings.seed,
            "angles_without_effect": list(angles_without_effect(self.settings.neuron)),
        }


def train_usps(
    settings: TrainUspsSettings | None = None,
    *,
    run_dir: Path | str | None = None,
    on_iteration: Callable[[IterationMetrics], None] | None = None,
    progress: bool = False,
    **changes: Any,
) -> TrainedRun:
    """Train and evaluate; the notebook's ``sqsq train-usps``.

    Args:
        settings: The settings; the defaults if None.
        run_dir: Where to write the run's files; nothing is written if None.
        on_iteration: Called after every iteration.
        progress: Whether to show progress while downloading data.
        **changes: Settings to change, by name.

    Returns:
        The finished run.

    Raises:
        UsageError: If a setting is not allowed or the run directory cannot be used.
        BackendError: If the backend does not exist or cannot run the circuits.
        DataError: If the data set is missing or corrupt.
    """
    try:
        settings = replace(settings or TrainUspsSettings(), **changes)
    except TypeError:
        known = ", ".join(asdict(TrainUspsSettings()))
        raise TypeError(f"unknown setting among {', '.join(changes)}: settings are {known}") from None
    engine = open_engine(settings.backend, settings.seed, idle_noise=settings.idle_noise)
    evaluating = engine
    if settings.evaluate_backend is not None:
        evaluating = open_engine(settings.evaluate_backend, settings.seed, idle_noise=settings.idle_noise)
    data = load_digits_of(settings, progress)
    network = fully_connected(data.pixels, (*settings.hidden, len(settings.digits)), settings.neuron)
    images = spike_probabilities(data.train)
    problem = TrainingProblem(
        network,
        images,
        data.train.labels,
        settings.steps,
        settings.batch_size,
        settings.rule,
        settings.optimiser,
        settings.seed,
    )
    if settings.gradient == "ideal":
        exact_answers(engine)
    for each in (engine, evaluating):
        each.prepare(Template(settings.neuron, settings.steps))
    rng = np.random.default_rng([settings.seed, _INITIAL])
    state = start_training(initial_parameters(network, float(images.sum(axis=1).mean()), rng))
    with ExitStack() as stack:
        directory = None
        if run_dir is not None:
            opened = new_run_directory(Path(run_dir), EXPERIMENT, settings.to_json())
            directory = stack.enter_context(opened)
        return _train(settings, (engine, evaluating), problem, state, data.test, directory, on_iteration)


def load_digits_of(settings: TrainUspsSettings, progress: bool = False) -> Dataset:
    """Load the digits of a run; its ``test`` part is what the run evaluates on."""
    data = choose_digits(load_dataset(settings.data, settings.data_dir, progress), settings.digits)
    if settings.evaluate_on == "validation":
        data = validation_split(data)
    if settings.test_size is not None:
        data = replace(data, test=data.test.select(slice(settings.test_size)))
    return data


def evaluate_digits(
    network: Network, parameters: Parameters, test: Split, steps: int, seed: int, repeat: int, engine: Engine
) -> tuple[Evaluation, Usage]:
    """Classify images once each; another ``repeat`` draws other encodings and shots."""
    rng = np.random.default_rng([seed, _EVALUATION, repeat])
    images = spike_probabilities(test)
    return drive(evaluate(network, parameters, images, test.labels, steps, rng, ("repeat", repeat)), engine)


def _train(
    settings: TrainUspsSettings,
    engines: tuple[Engine, Engine],
    problem: TrainingProblem,
    state: TrainingState,
    test: Split,
    directory: RunDirectory | None,
    on_iteration: Callable[[IterationMetrics], None] | None,
) -> TrainedRun:
    engine, evaluating = engines
    network = problem.network
    metrics: list[IterationMetrics] = []
    usage, usage_evaluating = Usage(), Usage()
    seconds_evaluating = 0.0
    while state.iteration < settings.iterations:
        start = time.perf_counter()
        (state, gradient), used = drive(training_step(problem, state), engine)
        usage += used
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
        if state.iteration % settings.eval_every == 0 or state.iteration == settings.iterations:
            start = time.perf_counter()
            evaluation, used = evaluate_digits(
                network, state.parameters, test, settings.steps, settings.seed, state.iteration, evaluating
            )
            usage_evaluating += used
            seconds_evaluating += time.perf_counter() - start
            line = replace(line, **evaluation_fields(evaluation))
        metrics.append(line)
        if directory is not None:
            save_model(directory.model, network, state.parameters)  # first: a line means a saved model
            directory.append_metrics(line.to_json())
        if on_iteration is not None:
            on_iteration(line)
    if directory is not None:
        save_training_figure(metrics, figure_title(settings), directory.figure)
    return TrainedRun(
        settings,
        network,
        state.parameters,
        tuple(metrics),
        usage,
        usage_evaluating,
        sum(line.seconds for line in metrics),
        seconds_evaluating,
        None if directory is None else directory.path,
    )


def figure_title(settings: TrainUspsSettings) -> str:
    """One line that says what was trained."""
    digits = " vs ".join(map(str, settings.digits))
    return (
        f"{settings.data} {digits}, {settings.ansatz}, {settings.backend}, M = {settings.m}, "
        f"M_syn = {settings.m_syn}, M_som = {settings.m_som}, M_p = {settings.m_p}, seed {settings.seed}"
    )
