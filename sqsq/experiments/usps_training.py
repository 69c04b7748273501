"""Train a network of SQS neurons on handwritten digits, end to end."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from sqsq.circuits import Template
from sqsq.data import Dataset, Split, choose_digits, load_dataset, spike_probabilities, validation_split
from sqsq.engines import Engine, QueuedEngine
from sqsq.engines.exact import angles_without_effect
from sqsq.errors import DataError, JobError, SqsqError, UsageError
from sqsq.experiments.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from sqsq.experiments.run_directory import RunDirectory, locked_run_directory, write_config
from sqsq.experiments.settings import TrainUspsSettings
from sqsq.jobs import (
    Execution,
    Ledger,
    TableRunner,
    Usage,
    drive,
    exact_answers,
    keep_choices,
    make_runner,
    open_backend,
    restore_choices,
)
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


@dataclass(frozen=True)
class Watch:
    """Who is told what happens during a run.

    Attributes:
        iteration: Called after every iteration.
        wait: Called with a few words on what is being waited for.
        downloads: Whether to show progress while downloading data.
    """

    iteration: Callable[[IterationMetrics], None]
    wait: Callable[[str], None]
    downloads: bool


def watch_with(
    on_iteration: Callable[[IterationMetrics], None] | None,
    on_wait: Callable[[str], None] | None,
    downloads: bool,
) -> Watch:
    """Tell those who are there."""
    return Watch(on_iteration or (lambda metrics: None), on_wait or (lambda words: None), downloads)


def train_usps(
    settings: TrainUspsSettings | None = None,
    *,
    run_dir: Path | str | None = None,
    resume: bool = False,
    execution: Execution | None = None,
    on_iteration: Callable[[IterationMetrics], None] | None = None,
    on_wait: Callable[[str], None] | None = None,
    progress: bool = False,
    **changes: Any,
) -> TrainedRun:
    """Train and evaluate; the notebook's ``sqsq train-usps``.

    Args:
        settings: The settings; the defaults if None.
        run_dir: Where to write the run's files; nothing is written if None. Hardware needs one.
        resume: Whether to go on with the run in ``run_dir``, if there is one.
        execution: Where chunks run and what they may cost.
        on_iteration: Called after every iteration.
        on_wait: Called with a few words on what is being waited for.
        progress: Whether to show progress while downloading data.
        **changes: Settings to change, by name.

    Returns:
        The finished run.

    Raises:
        UsageError: If a setting is not allowed, the run directory cannot be used, or holds a run with
            other settings.
        BackendError: If the backend does not exist, cannot run the circuits, or cannot be reached.
        DataError: If the data set is missing or corrupt.
        JobError: If jobs failed for good or were cancelled.
        BudgetError: If the run would go beyond its budget.
    """
    try:
        settings = replace(settings or TrainUspsSettings(), **changes)
    except TypeError:
        known = ", ".join(asdict(TrainUspsSettings()))
        raise TypeError(f"unknown setting among {', '.join(changes)}: settings are {known}") from None
    watch = watch_with(on_iteration, on_wait, progress)
    if run_dir is None:
        return _run(settings, execution or Execution(), None, False, watch)
    directory = RunDirectory(Path(run_dir))
    going_on = resume and directory.holds_run
    if going_on:
        _check_same(settings, settings_of(directory), directory)
    return _run(settings, execution or Execution(), directory, going_on, watch)


def resume_usps(directory: RunDirectory, execution: Execution, watch: Watch) -> TrainedRun:
    """Go on with a run, from the last thing known.

    Raises:
        DataError: If there is no such run there.
        SqsqError: As ``train_usps``.
    """
    return _run(settings_of(directory), execution, directory, True, watch)


def settings_of(directory: RunDirectory) -> TrainUspsSettings:
    """The settings of a run of this experiment.

    Raises:
        DataError: If the directory holds none.
    """
    config = directory.config()
    if config.get("experiment") != EXPERIMENT:
        raise DataError(f"{directory.path} is a run of {config.get('experiment')}, not of {EXPERIMENT}")
    try:
        return TrainUspsSettings.from_json(config["settings"])
    except SqsqError as error:
        raise DataError(f"{directory.path} was written by another version of sqsq: {error}") from error


def execution_of(directory: RunDirectory) -> Execution:
    """How a run was carried out when it was begun."""
    try:
        return Execution(**directory.config().get("execution", {}))
    except TypeError as error:
        raise DataError(f"{directory.path} was written by another version of sqsq: {error}") from error


@dataclass(frozen=True, eq=False)
class UspsProblem:
    """What a run of these settings learns from and is tested on.

    Attributes:
        training: The problem.
        state: Where training starts.
        test: The images to evaluate on.
    """

    training: TrainingProblem
    state: TrainingState
    test: Split


def usps_problem(settings: TrainUspsSettings, downloads: bool = False) -> UspsProblem:
    """Load the data of a run and draw its first parameters.

    Raises:
        UsageError: If the batch is larger than the data.
        DataError: If the data set is missing or corrupt.
    """
    data = load_digits_of(settings, downloads)
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
    rng = np.random.default_rng([settings.seed, _INITIAL])
    parameters = initial_parameters(network, float(images.sum(axis=1).mean()), rng)
    return UspsProblem(problem, start_training(parameters), data.test)


def load_digits_of(settings: TrainUspsSettings, downloads: bool = False) -> Dataset:
    """Load the digits of a run; its ``test`` part is what the run evaluates on."""
    data = choose_digits(load_dataset(settings.data, settings.data_dir, downloads), settings.digits)
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


def evaluates_after(settings: TrainUspsSettings, iteration: int) -> bool:
    """Whether the images are classified after an iteration."""
    every = settings.eval_every
    if every is None:
        evaluating = settings.choice(settings.evaluate_backend or settings.backend)
        every = settings.iterations if evaluating.hardware else 10
    return iteration % every == 0 or iteration == settings.iterations


def _check_same(asked: TrainUspsSettings, found: TrainUspsSettings, directory: RunDirectory) -> None:
    """A run goes on with the settings it began with; its data may have moved."""
    for field in fields(TrainUspsSettings):
        wanted, there = getattr(asked, field.name), getattr(found, field.name)
        if wanted != there and field.name != "data_dir":
            raise UsageError(
                f"run directory {directory.path} holds a run with {field.name.replace('_', '-')} {there}, "
                f"not {wanted}: choose another directory or the same settings"
            )


def _run(
    settings: TrainUspsSettings,
    execution: Execution,
    directory: RunDirectory | None,
    resuming: bool,
    watch: Watch,
) -> TrainedRun:
    """Open everything, in an order in which a mistake of the user leaves nothing half written."""
    names = dict.fromkeys((settings.backend, settings.evaluate_backend or settings.backend))
    choices = {name: settings.choice(name, execution) for name in names}
    engines = {name: open_backend(choice, execution.patience, watch.wait) for name, choice in choices.items()}
    problem = usps_problem(settings, watch.downloads)
    if settings.gradient == "ideal":
        exact_answers(engines[settings.backend])
    template = Template(settings.neuron, settings.steps)
    if not resuming:
        for engine in engines.values():
            engine.prepare(template)
    with ExitStack() as stack:
        ledger = None
        run = ""
        if directory is not None:
            stack.enter_context(locked_run_directory(directory.path))
            if not resuming:
                write_config(directory, EXPERIMENT, settings.to_json(), execution.to_json())
            run = directory.config()["run"]
            if directory.checkpoint.exists() and not directory.ledger.exists():
                raise JobError(f"{directory.ledger} is missing: without it nobody knows which jobs were sent")
            ledger = directory.open_ledger(durable=any(choice.hardware for choice in choices.values()))
            stack.callback(ledger.close)
            ledger.check_belongs(run, settings.to_json())
            ledger.take_over()
            stack.callback(ledger.hand_back)
            ledger.remember("budget", execution.max_qpu_seconds)
            for engine in engines.values():
                if isinstance(engine, QueuedEngine):
                    if resuming:
                        restore_choices(ledger, engine)
                        engine.prepare(template)
                    keep_choices(ledger, engine)
        runners = {}
        for name, engine in engines.items():
            runners[name] = make_runner(
                choices[name],
                engine,
                execution,
                job_seconds=settings.job_seconds,
                ledger=ledger,
                run=run,
                on_wait=watch.wait,
            )
            stack.callback(runners[name].close)
        return _train(settings, runners, problem, directory, ledger, watch)


def _train(
    settings: TrainUspsSettings,
    runners: dict[str, TableRunner],
    problem: UspsProblem,
    directory: RunDirectory | None,
    ledger: Ledger | None,
    watch: Watch,
) -> TrainedRun:
    engine = runners[settings.backend]
    evaluating = runners[settings.evaluate_backend or settings.backend]
    hardware = any(settings.choice(name).hardware for name in runners)
    network = problem.training.network
    point = Checkpoint(problem.state, Usage(), Usage(), 0.0)
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
                network,
                state.parameters,
                problem.test,
                settings.steps,
                settings.seed,
                state.iteration,
                evaluating,
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
        if ledger is not None and not hardware:
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
