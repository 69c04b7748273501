"""Runs that were begun: how they stand, going on with them, cancelling them."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqsq.engines import QueuedEngine
from sqsq.errors import DataError, UsageError
from sqsq.experiments.checkpoint import load_checkpoint
from sqsq.experiments.run_directory import RunDirectory
from sqsq.experiments.run_status import RunStatus, status_html
from sqsq.experiments.settings import TrainUspsSettings
from sqsq.experiments.trained_run import TrainedRun
from sqsq.experiments.usps_training import execution_of, resume_usps, settings_of
from sqsq.experiments.watch import watch_with
from sqsq.jobs import Execution, cancel_jobs, open_backend, restore_choices
from sqsq.shell import shell_command


@dataclass(frozen=True)
class Run:
    """A run directory in the hand.

    Attributes:
        path: Where it is.
        settings: What was asked for.
    """

    path: Path
    settings: TrainUspsSettings

    def status(self) -> RunStatus:
        """How it stands, also while it runs elsewhere; asks no network.

        Raises:
            DataError: If the run keeps no ledger.
            JobError: If its ledger or checkpoint is damaged.
        """
        directory = RunDirectory(self.path)
        if not directory.ledger.exists():
            raise DataError(
                f"{self.path} has no {directory.ledger.name}: an older sqsq wrote it, or it never began"
            )
        ledger = directory.open_ledger(read_only=True)
        try:
            totals, spent, budget = ledger.totals(), ledger.spent(), ledger.fact("budget")
            writer, finished, stop = ledger.has_writer(), ledger.fact("finished"), ledger.fact("stop")
        finally:
            ledger.close()
        state = "running" if writer else "unknown" if writer is None else "stopped"
        if finished:
            state = "finished"
        elif stop:
            state = "cancelled"
        point = load_checkpoint(directory.checkpoint)
        metrics = directory.metrics()
        hardware = self.settings.hardware
        return RunStatus(
            self.path,
            self.settings.backend,
            state,
            0 if point is None else point.state.iteration,
            self.settings.iterations,
            next((line["accuracy"] for line in reversed(metrics) if "accuracy" in line), None),
            totals,
            budget if hardware else None,
            spent,
            _next_step(state, self.path, hardware),
        )

    def resume(self, **changes: Any) -> TrainedRun:
        """Go on from the last thing known, to the end.

        Args:
            **changes: Of ``Execution`` (workers, dask, max_qpu_seconds, instance, batch, patience), and
                ``on_iteration``, ``on_wait``, ``on_note`` and ``progress`` as for ``train_usps``.

        Raises:
            UsageError: If the run is in use, or a change is not known.
            SqsqError: As ``train_usps``.
        """
        watch = watch_with(
            changes.pop("on_iteration", None),
            changes.pop("on_wait", None),
            changes.pop("on_note", None),
            changes.pop("progress", False),
        )
        directory = RunDirectory(self.path)
        try:
            execution: Execution = replace(execution_of(directory), **changes)
        except TypeError:
            raise UsageError(
                f"cannot change {', '.join(changes)} of a run: only how it is carried out "
                "(workers, dask, max_qpu_seconds, instance, batch, patience)"
            ) from None
        return resume_usps(directory, execution, watch)

    def cancel(self) -> int:
        """Ask the run to stop, and cancel the jobs it has sent; it can be resumed.

        Returns:
            How many jobs were cancelled.

        Raises:
            BackendError: If the service cannot be reached.
        """
        directory = RunDirectory(self.path)
        ledger = directory.open_ledger()
        try:
            ledger.remember("stop", True)
            cancelled = 0
            for name in self.settings.backends:
                choice = self.settings.choice(name, execution_of(directory))
                if choice.hardware and ledger.unfinished():
                    engine = open_backend(choice)
                    assert isinstance(engine, QueuedEngine)
                    restore_choices(ledger, engine)
                    cancelled += cancel_jobs(engine, ledger)
            return cancelled
        finally:
            ledger.close()

    def _repr_html_(self) -> str:
        """How it stands, for a notebook."""
        return status_html(self.status())


def open_run(path: Path | str) -> Run:
    """Take a run directory in hand.

    Raises:
        DataError: If it holds no run that this sqsq can read.
    """
    return Run(Path(path), settings_of(RunDirectory(Path(path))))


def _next_step(state: str, path: Path, hardware: bool) -> str:
    if state == "finished":
        return shell_command("sqsq", "evaluate", path, *(("--backend", "exact") if hardware else ()))
    if state == "running":
        return "wait; it runs"
    if state == "unknown":
        return "it was begun on another machine: look there, or go on with sqsq resume once it has stopped"
    return shell_command("sqsq", "resume", path)
