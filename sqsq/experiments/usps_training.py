"""Train a network of SQS neurons on handwritten digits, end to end."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from sqsq.checks import plain_value, settings_with
from sqsq.circuits import Template
from sqsq.engines import QueuedEngine
from sqsq.errors import DataError, JobError, SqsqError, UsageError
from sqsq.experiments.mitigating import check_mitigation, mitigated
from sqsq.experiments.run_directory import RunDirectory, locked_run_directory, write_config
from sqsq.experiments.settings import TrainUspsSettings
from sqsq.experiments.trained_run import TrainedRun
from sqsq.experiments.training_loop import train_to_the_end
from sqsq.experiments.usps_problem import usps_problem
from sqsq.experiments.watch import Watch, watch_with
from sqsq.jobs import (
    Execution,
    exact_answers,
    keep_choices,
    make_runner,
    open_backend,
    restore_choices,
)
from sqsq.report import IterationMetrics

EXPERIMENT = "train-usps"


def train_usps(
    settings: TrainUspsSettings | None = None,
    *,
    run_dir: Path | str | None = None,
    resume: bool = False,
    execution: Execution | None = None,
    on_iteration: Callable[[IterationMetrics], None] | None = None,
    on_wait: Callable[[str], None] | None = None,
    on_note: Callable[[str], None] | None = None,
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
        on_note: Called with a line that should be read, such as what mitigation is predicted to gain; by
            default a warning.
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
    settings = settings_with(TrainUspsSettings, settings, changes)
    execution = plain_value(execution, Execution | None, "execution") or Execution()
    path = plain_value(run_dir, Path | None, "run-dir")
    watch = watch_with(on_iteration, on_wait, on_note, progress)
    if path is None:
        return _run(settings, execution, None, False, watch)
    directory = RunDirectory(path)
    going_on = resume and directory.holds_run
    if going_on:
        check_same_settings(settings, settings_of(directory), directory)
    return _run(settings, execution, directory, going_on, watch)


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


def check_same_settings(asked: TrainUspsSettings, found: TrainUspsSettings, directory: RunDirectory) -> None:
    """A run goes on with the settings it began with; its data may have moved.

    Raises:
        UsageError: If another setting differs.
    """
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
    choices = {name: settings.choice(name, execution) for name in settings.backends}
    engines = {name: open_backend(choice, execution.patience, watch.wait) for name, choice in choices.items()}
    check_mitigation(settings)
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
            ledger = directory.open_ledger(durable=settings.hardware)
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
        name = settings.backend
        training, used = mitigated(
            settings,
            problem.training,
            problem.state,
            choices[name],
            engines[name],
            runners[name],
            directory=directory,
            ledger=ledger,
            patience=execution.patience,
            note=watch.note,
        )
        problem = replace(problem, training=training)
        return train_to_the_end(settings, runners, problem, directory, ledger, watch, used)
