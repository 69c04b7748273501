"""Train a network of SQS neurons on handwritten digits, end to end."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqsq.checks import plain_value, settings_with
from sqsq.data import Dataset
from sqsq.engines import GIVEN, Engine, QueuedEngine, engine_of
from sqsq.errors import UsageError
from sqsq.experiments.checkpoint import Checkpoint
from sqsq.experiments.mitigating import check_mitigation, mitigated
from sqsq.experiments.run_directory import RunDirectory
from sqsq.experiments.run_files import new_run_files, resumed_run_files
from sqsq.experiments.run_lock import check_is_free
from sqsq.experiments.settings import TrainUspsSettings
from sqsq.experiments.stored_settings import EXPERIMENT, check_same_settings, execution_of, settings_of
from sqsq.experiments.trained_run import TrainedRun
from sqsq.experiments.training_loop import train_to_the_end
from sqsq.experiments.usps_problem import usps_problem
from sqsq.experiments.watch import Watch, watch_with
from sqsq.jobs import (
    Execution,
    check_main_module,
    exact_answers,
    keep_choices,
    make_runner,
    open_backend,
    restore_choices,
)
from sqsq.report import IterationMetrics
from sqsq.tables import Template, Usage


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
    dataset: Dataset | None = None,
    backend: Any = None,
    **changes: Any,
) -> TrainedRun:
    """Train and evaluate; the notebook's ``sqsq train-usps``.

    Args:
        settings: The settings; the defaults if None, or those of the run that is gone on with.
        run_dir: Where to write the run's files; nothing is written if None. Hardware needs one.
        resume: Whether to go on with the run in ``run_dir``, if there is one. It goes on with its own
            settings: those given here, and only those, are compared with them.
        execution: Where chunks run and what they may cost; the defaults if None, or as the run that is gone
            on with was begun.
        on_iteration: Called after every iteration.
        on_wait: Called with a few words on what is being waited for.
        on_note: Called with a line that should be read, such as what mitigation is predicted to gain; by
            default a warning.
        progress: Whether to show progress while downloading data.
        dataset: The examples, where the setting ``data`` is ``arrays``.
        backend: The name of a backend, see ``TrainUspsSettings``; or what ``engine_of`` takes: an engine, a
            Qiskit backend that simulates, or a pair of a sampler and its target.
        **changes: Settings to change, by name.

    Returns:
        The finished run.

    Raises:
        UsageError: If a setting is not allowed, the run directory cannot be used, is not empty, or holds a
            run with other settings.
        BackendError: If the backend does not exist, cannot run the circuits, or cannot be reached.
        DataError: If the data set is missing or corrupt.
        JobError: If jobs failed for good or were cancelled.
        BudgetError: If the run would go beyond its budget.
    """
    execution = plain_value(execution, Execution | None, "execution")
    path = plain_value(run_dir, Path | None, "run-dir")
    watch = watch_with(on_iteration, on_wait, on_note, progress)
    directory = None if path is None else RunDirectory(path)
    given = None
    if backend is not None:
        if not isinstance(backend, str):
            given, backend = backend, GIVEN
        changes = {**changes, "backend": backend}
    if directory is None or not (resume and directory.holds_run):
        settings = settings_with(TrainUspsSettings, settings, changes)
        if directory is not None:
            check_is_free(directory.path)
        return _run(settings, execution or Execution(), directory, False, watch, dataset, given)
    found = settings_of(directory)
    settings = settings_with(TrainUspsSettings, settings or found, changes)
    check_same_settings(settings, found, directory)
    settings = replace(settings, classes=found.classes, data_digest=found.data_digest)
    return _run(settings, execution or execution_of(directory), directory, True, watch, dataset, given)


def resume_usps(directory: RunDirectory, execution: Execution, watch: Watch) -> TrainedRun:
    """Go on with a run, from the last thing known.

    Raises:
        DataError: If there is no such run there.
        SqsqError: As ``train_usps``.
    """
    return _run(settings_of(directory), execution, directory, True, watch)


def _run(
    settings: TrainUspsSettings,
    execution: Execution,
    directory: RunDirectory | None,
    resuming: bool,
    watch: Watch,
    dataset: Dataset | None = None,
    given: Any = None,
) -> TrainedRun:
    """Open everything, in an order in which a mistake of the user leaves nothing half written."""
    if execution.workers:
        check_main_module()
    choices = {name: settings.choice(name, execution) for name in settings.backends}
    if given is not None and (execution.workers or execution.dask):
        raise UsageError("workers and dask open backends by name: this one was handed over")
    engines: dict[str, Engine | QueuedEngine] = {
        name: open_backend(choice, execution.patience, watch.wait, resuming=resuming)
        if name != GIVEN or given is None
        else engine_of(given, settings.placement)
        for name, choice in choices.items()
    }
    check_mitigation(settings)
    problem = usps_problem(settings, watch.downloads, dataset)
    if not resuming and (settings.classes is not None or settings.own_data):
        settings = replace(settings, classes=problem.classes, data_digest=problem.data.digest)
    if settings.gradient == "ideal":
        exact_answers(engines[settings.backend])
    template = Template(settings.neuron, settings.steps)
    if not resuming:
        for engine in engines.values():
            engine.prepare(template)
    with ExitStack() as stack:
        files = None
        if directory is not None:
            asked, durable = settings.to_json(), settings.hardware
            files = stack.enter_context(
                resumed_run_files(directory.path, asked, durable=durable)
                if resuming
                else new_run_files(directory.path, EXPERIMENT, asked, execution.to_json(), durable=durable)
            )
            files.ledger.remember("budget", execution.max_qpu_seconds)
            for engine in engines.values():
                if isinstance(engine, QueuedEngine):
                    if resuming:
                        restore_choices(files.ledger, engine)
                    keep_choices(files.ledger, engine)
            if (original := files.ledger.copied_from()) and settings.hardware:
                watch.note(
                    f"{files.directory.path} is a copy of {original}, or a backup: before anything is sent "
                    "the service is asked whether it has been already; go on with one of them only"
                )
        runners = {}
        for name, engine in engines.items():
            runners[name] = make_runner(
                choices[name],
                engine,
                execution,
                job_seconds=settings.job_seconds,
                ledger=None if files is None else files.ledger,
                run="" if files is None else files.run,
                on_wait=watch.wait,
                on_note=watch.note,
            )
            stack.callback(runners[name].close)
        point = None if files is None else files.directory.last_checkpoint()
        training, used = problem.training, Usage()
        if point is None or point.state.iteration < settings.iterations:
            name = settings.backend
            training, used = mitigated(
                settings,
                training,
                problem.state,
                choices[name],
                engines[name],
                runners[name],
                files=files,
                patience=execution.patience,
                note=watch.note,
            )
        problem = replace(problem, training=training)
        point = point or Checkpoint(problem.state, used, Usage(), 0.0)
        return train_to_the_end(settings, runners, problem, point, files, watch)
