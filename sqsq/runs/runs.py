"""Runs that were begun: how they stand, going on with them, cancelling them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqsq.engines import QueuedEngine
from sqsq.errors import DataError, JobError, UsageError
from sqsq.jobs import Cancelled, Ledger, Resources, cancel_jobs, open_backend, restore_choices
from sqsq.model import Network, Parameters
from sqsq.runs.model_file import TrainedModel
from sqsq.runs.prediction import NamedPredictions
from sqsq.runs.results import Results
from sqsq.runs.run_directory import RunDirectory
from sqsq.runs.run_lock import is_running
from sqsq.runs.run_status import RunStatus, status_html
from sqsq.runs.settings import RunSettings
from sqsq.runs.stored_settings import resources_of, settings_of
from sqsq.runs.telling import tell_with
from sqsq.runs.trained_run import TrainedRun
from sqsq.runs.training import resume_training
from sqsq.shell import shell_command
from sqsq.training import IterationMetrics


@dataclass(frozen=True)
class Run(Results):
    """A run directory in the hand.

    Attributes:
        path: Where it is.
        settings: What was asked for.
    """

    path: Path
    settings: RunSettings

    def status(self) -> RunStatus:
        """How it stands, also while it runs elsewhere; asks no network.

        Raises:
            DataError: If the run keeps no ledger, or its model is missing, damaged or another run's.
            JobError: If its ledger, checkpoint or metrics are damaged, missing or another run's.
        """
        directory = RunDirectory(self.path)
        running = is_running(self.path)  # asked first: what a run that ended did is written by then
        ledger = _ledger(directory, read_only=True)
        try:
            totals, spent, budget = ledger.totals(), ledger.spent(), ledger.fact("budget")
            finished, stop = ledger.fact("finished"), ledger.fact("stop")
            elsewhere = ledger.has_writer() is None
        finally:
            ledger.close()
        state = "running" if running else "stopped"
        if running is None or (elsewhere and not running):  # locks need not reach other machines
            state = "unknown"
        if finished:
            state = "finished"
        elif stop:
            state = "cancelled"
        iteration, metrics = _standing(directory)
        if finished and iteration < self.settings.iterations:
            raise JobError(
                f"{directory.checkpoint} is missing or an old one: the run was finished, and it has "
                f"{iteration} of {self.settings.iterations} iterations; put it back, or let sqsq resume "
                f"{self.path} do the rest again (the ledger keeps what was sent)"
            )
        hardware = self.settings.hardware
        evaluated: dict[str, Any] = next((line for line in reversed(metrics) if "accuracy" in line), {})
        return RunStatus(
            self.path,
            self.settings.backend.name,
            state,
            iteration,
            self.settings.iterations,
            evaluated.get("accuracy"),
            evaluated.get("images"),
            totals,
            budget if hardware else None,
            spent,
            _next_step(state, self.path, hardware),
        )

    def resume(
        self, *, on_event: Callable[[Any], None] | None = None, progress: bool = False, **changes: Any
    ) -> TrainedRun:
        """Go on from the last thing known, to the end.

        Args:
            on_event: As for ``train``.
            progress: As for ``train``.
            **changes: Of ``Resources`` (workers, dask, max_qpu_seconds, max_pending, instance, batch,
                accept_device_changes, patience).

        Raises:
            UsageError: If the run is in use, a change is not known, or a program must hand over parts of it.
            SqsqError: As ``train``.
        """
        directory = RunDirectory(self.path)
        try:
            resources: Resources = replace(resources_of(directory), **changes)
        except TypeError:
            raise UsageError(
                f"cannot change {', '.join(changes)} of a run: only how it is carried out "
                "(workers, dask, max_qpu_seconds, max_pending, instance, batch, accept_device_changes, "
                "patience)"
            ) from None
        return resume_training(directory, resources, tell_with(on_event), progress)

    def cancel(self) -> Cancelled:
        """Ask the run to stop, and cancel the jobs it has sent; it can be resumed.

        Returns:
            How many jobs were cancelled, and how many were not, and why.

        Raises:
            DataError: If the run keeps no ledger.
            JobError: If its ledger is damaged or another run's.
            BackendError: If the service cannot be reached.
        """
        directory = RunDirectory(self.path)
        ledger = _ledger(directory)
        try:
            ledger.remember("stop", True)
            cancelled = Cancelled()
            for name in self.settings.backends:
                choice = self.settings.choice(name, resources_of(directory))
                if choice.hardware and ledger.unfinished():
                    engine = open_backend(choice, resuming=True)
                    assert isinstance(engine, QueuedEngine)
                    restore_choices(ledger, engine)
                    cancelled += cancel_jobs(engine, ledger)
            return cancelled
        finally:
            ledger.close()

    def predict(self, x: Any, *, backend: str | None = None, seed: int = 0) -> NamedPredictions:
        """Say what examples are taken for, each encoded and run once; see ``predict_examples``.

        Raises:
            DataError: If the run or its model cannot be read.
        """
        return self.model.predict(x, backend=backend, seed=seed)

    @property
    def model(self) -> TrainedModel:
        """What it has learned so far.

        Raises:
            DataError: If there is nothing yet, or it is damaged or another run's.
        """
        return RunDirectory(self.path).trained()

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes."""
        return self.model.classes

    @property
    def metrics(self) -> tuple[IterationMetrics, ...]:
        """One record for each iteration so far.

        Raises:
            JobError: If they are damaged, missing or another run's.
        """
        _, lines = _standing(RunDirectory(self.path))
        return tuple(IterationMetrics.from_json(line) for line in lines)

    @property
    def network(self) -> Network:
        """The network.

        Raises:
            DataError: As ``model``.
            UsageError: If the model is none.
        """
        if (network := self.model.network) is None:
            raise UsageError(f"model {self.settings.model} is no network of spiking neurons")
        return network

    @property
    def parameters(self) -> Parameters:
        """Its parameters, after the last iteration; see ``network``."""
        self.network  # noqa: B018  (says so where there are none)
        parameters = self.model.parameters
        assert parameters is not None
        return parameters

    def _repr_html_(self) -> str:
        """How it stands, for a notebook."""
        return status_html(self.status())


def open_run(path: Path | str) -> Run:
    """Take a run directory in hand.

    Raises:
        DataError: If it holds no run that this sqsq can read.
    """
    return Run(Path(path), settings_of(RunDirectory(Path(path))))


def _ledger(directory: RunDirectory, *, read_only: bool = False) -> Ledger:
    """The ledger that a run has; none is made."""
    if not directory.ledger.exists():
        raise DataError(f"{directory.path} has no {directory.ledger.name}: it was removed, or never begun")
    return directory.open_ledger(read_only=read_only)


def _standing(directory: RunDirectory) -> tuple[int, list[dict[str, Any]]]:
    """Iterations done, and the lines of metrics of those; each file is checked."""
    point = directory.last_checkpoint()
    if point is None:
        return 0, []
    directory.trained()
    return point.iteration, directory.metrics(point.iteration)


def _next_step(state: str, path: Path, hardware: bool) -> str:
    if state == "finished":
        return shell_command("sqsq", "evaluate", path, *(("--backend", "exact") if hardware else ()))
    if state == "running":
        return "wait; it runs"
    if state == "unknown":
        return "it was begun on another machine: look there, or go on with sqsq resume once it has stopped"
    return shell_command("sqsq", "resume", path)
