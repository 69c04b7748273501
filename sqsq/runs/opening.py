"""A run, opened: data, model, backends, files, in an order in which a mistake leaves nothing behind."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from sqsq.checks import check_parts, shown
from sqsq.data import Dataset
from sqsq.engines import GIVEN, Engine, QueuedEngine, engine_of
from sqsq.errors import UsageError
from sqsq.jobs import (
    Execution,
    Note,
    TableRunner,
    Tell,
    check_main_module,
    exact_answers,
    keep_choices,
    make_runner,
    open_backend,
    restore_choices,
)
from sqsq.learning import Rule, Updates
from sqsq.runs.examples import KnownData, RunData, open_data
from sqsq.runs.run_directory import RunDirectory
from sqsq.runs.run_files import RunFiles, new_run_files, resumed_run_files
from sqsq.runs.settings import RunSettings
from sqsq.runs.stored_settings import DATA, EXPERIMENT, GIVEN_PARTS
from sqsq.training import TakesParts, Trainer, TrainsNetwork

_PROTOCOLS = {"optimizer": (Updates, "optimiser", "an optimiser"), "rule": (Rule, "rule", "a rule")}


@dataclass(frozen=True)
class GivenParts:
    """What a program handed over that has no name.

    Attributes:
        dataset: The examples, where the data are ``arrays``.
        backend: What ``engine_of`` takes.
        optimizer: An object with ``init`` and ``update``; see ``sqsq.learning.Updates``.
        rule: An object with ``m`` and ``gradient``; see ``sqsq.learning.Rule``.
    """

    dataset: Dataset | None = None
    backend: Any = None
    optimizer: Any = None
    rule: Any = None

    @property
    def names(self) -> tuple[str, ...]:
        """Those that a run must be given again when it goes on."""
        return tuple(name for name in _PROTOCOLS if getattr(self, name) is not None)

    def into(self, trainer: Trainer[Any], model: str) -> Trainer[Any]:
        """A trainer with these parts in place of its own.

        Raises:
            UsageError: If one lacks what it needs, or the model has no such part.
        """
        for name in self.names:
            protocol, field, what = _PROTOCOLS[name]
            check_parts(getattr(self, name), protocol, what)
            if not isinstance(trainer, TakesParts):
                raise UsageError(f"model {model} has no {name} to put another in its place")
            trainer = trainer.with_parts(**{field: getattr(self, name)})
        return trainer


@dataclass(frozen=True, eq=False)
class OpenRun:
    """A run whose parts are all there.

    Attributes:
        settings: What it was asked to do.
        data: Its examples.
        trainer: Its model.
        engines: Its backends, opened, by name.
        runners: The same behind the ledger.
        files: What this process writes, or None.
        tell: Told what happens.
    """

    settings: RunSettings
    data: RunData
    trainer: Trainer[Any]
    engines: dict[str, Engine | QueuedEngine]
    runners: dict[str, TableRunner]
    files: RunFiles | None
    tell: Tell


def open_engines(
    settings: RunSettings,
    execution: Execution,
    tell: Tell,
    given: Any = None,
    *,
    resuming: bool = False,
) -> dict[str, Engine | QueuedEngine]:
    """The backends of a run by name, opened.

    Raises:
        UsageError: If a backend that was handed over is to run in other processes, or is none.
        BackendError: If there is no such backend, or it cannot be used or reached.
    """
    if execution.workers:
        check_main_module()
    if given is not None and (execution.workers or execution.dask):
        raise UsageError("workers and dask open backends by name: this one was handed over")
    return {
        name: open_backend(settings.choice(name, execution), execution.patience, tell, resuming=resuming)
        if name != GIVEN or given is None
        else engine_of(given, settings.backend.placement)
        for name in settings.backends
    }


@contextmanager
def opened_run(
    settings: RunSettings,
    execution: Execution,
    directory: RunDirectory | None,
    tell: Tell,
    given: GivenParts,
    *,
    known: KnownData | None = None,
    downloads: bool = False,
) -> Iterator[OpenRun]:
    """Open everything that a run needs.

    Args:
        settings: What it was asked to do.
        execution: Where chunks run and what they may cost.
        directory: Where its files are, or None.
        tell: Told what happens.
        given: What a program handed over.
        known: What a run that goes on keeps of its examples; None for a new one.
        downloads: Whether to show progress while downloading.

    Raises:
        SqsqError: As ``train``.
    """
    resuming = known is not None
    engines = open_engines(settings, execution, tell, given.backend, resuming=resuming)
    data = open_data(settings, downloads, given.dataset, known)
    trainer = settings.kind.make_trainer(settings.trainer, data.problem, settings.seed)
    trainer = given.into(trainer, settings.model)
    if isinstance(trainer, TrainsNetwork) and not resuming:
        for engine in engines.values():
            engine.prepare(trainer.template)
    if settings.kind.exact:
        exact_answers(engines[settings.backend.name])
    with ExitStack() as stack:
        files = None
        if directory is not None:
            files = stack.enter_context(_files(settings, execution, directory, data, given, resuming))
            settle(files, engines, execution, tell, resuming=resuming, hardware=settings.hardware)
        runners = {}
        for name, engine in engines.items():
            runners[name] = make_runner(
                settings.choice(name, execution),
                engine,
                execution,
                job_seconds=settings.backend.job_seconds,
                ledger=None if files is None else files.ledger,
                run="" if files is None else files.run,
                tell=tell,
            )
            stack.callback(runners[name].close)
        yield OpenRun(settings, data, trainer, engines, runners, files, tell)


def _files(
    settings: RunSettings,
    execution: Execution,
    directory: RunDirectory,
    data: RunData,
    given: GivenParts,
    resuming: bool,
) -> Any:
    """The files of a run, old or new."""
    asked, durable = settings.to_json(), settings.hardware
    if resuming:
        return resumed_run_files(directory.path, durable=durable)
    more: dict[str, Any] = {DATA: data.known.to_json()}
    if given.names:
        more[GIVEN_PARTS] = list(given.names)
    return new_run_files(directory.path, EXPERIMENT, asked, execution.to_json(), more, durable=durable)


def settle(
    files: RunFiles,
    engines: dict[str, Engine | QueuedEngine],
    execution: Execution,
    tell: Tell,
    *,
    resuming: bool,
    hardware: bool,
) -> None:
    """Write the budget down, let engines choose as they did, and warn of copies."""
    files.ledger.remember("budget", execution.max_qpu_seconds)
    for engine in engines.values():
        if isinstance(engine, QueuedEngine):
            if resuming:
                restore_choices(files.ledger, engine)
            keep_choices(files.ledger, engine)
    if (original := files.ledger.copied_from()) and hardware:
        tell(
            Note(
                f"{files.directory.path} is a copy of {original}, or a backup: before anything is sent "
                "the service is asked whether it has been already; go on with one of them only"
            )
        )


def check_given(names: tuple[str, ...], given: GivenParts) -> None:
    """Check that what a run began with is handed over again.

    Raises:
        UsageError: If something is missing.
    """
    for name in names:
        if getattr(given, name, None) is None:
            raise UsageError(
                f"this run's {shown(name)} was handed over by a program: hand it over again, "
                f"sqsq.train(..., run_dir=..., resume=True, {name}=...)"
            )
