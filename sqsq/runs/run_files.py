"""The files of a run that this process writes, opened in an order in which a mistake leaves nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqsq.errors import JobError, SqsqError, UsageError
from sqsq.jobs import Ledger
from sqsq.runs.config_file import write_config
from sqsq.runs.run_directory import RunDirectory
from sqsq.runs.run_lock import Start, locked_run_directory, new_run_directory


@dataclass(frozen=True)
class RunFiles:
    """The files of a run that this process writes.

    Attributes:
        directory: Where they are.
        run: What tells the run from all others.
        ledger: What was sent and what came back.
        start: Is told when measuring begins.
    """

    directory: RunDirectory
    run: str
    ledger: Ledger
    start: Start


@contextmanager
def begin_run(
    path: Path,
    experiment: str,
    settings: dict[str, Any],
    resources: dict[str, Any],
    more: dict[str, Any] | None = None,
) -> Iterator[Start]:
    """Make the directory of a new run and write its ``config.json``; see ``write_config``.

    Raises:
        UsageError: If the directory holds anything, is in use or cannot be written.
    """
    with new_run_directory(path) as start:
        try:
            write_config(path, experiment, settings, resources, more)
        except OSError as error:
            raise UsageError(f"run directory {path} cannot be written: {error.strerror or error}") from error
        yield start


@contextmanager
def new_run_files(
    path: Path,
    experiment: str,
    settings: dict[str, Any],
    resources: dict[str, Any],
    more: dict[str, Any] | None = None,
    *,
    durable: bool,
) -> Iterator[RunFiles]:
    """Begin a run; where it is refused before anything was measured, nothing is left of it.

    Raises:
        UsageError: If the directory holds anything, is in use or cannot be written.
        JobError: If the ledger cannot be written.
    """
    with (
        begin_run(path, experiment, settings, resources, more) as start,
        _ledger_of(start, settings, durable) as files,
    ):
        try:
            yield files
        except JobError:
            raise
        except SqsqError:
            chunks = files.ledger.totals().chunks
            # what was sent to hardware may be measured; a simulator's chunk is once it is done
            start.measured = bool(chunks) if durable else "done" in chunks or files.directory.model.exists()
            raise


@contextmanager
def resumed_run_files(path: Path, *, durable: bool) -> Iterator[RunFiles]:
    """Go on with a run.

    Raises:
        UsageError: If the directory is in use or cannot be written.
        DataError: If it holds no run.
        JobError: If the ledger is missing, damaged or another run's, or the settings were edited.
    """
    with locked_run_directory(path) as directory:
        if directory.checkpoint.exists() and not directory.ledger.exists():
            raise JobError(f"{directory.ledger} is missing: without it nobody knows which jobs were sent")
        start = Start(directory, measured=True)
        with _ledger_of(start, directory.config()["settings"], durable) as files:
            yield files


@contextmanager
def _ledger_of(start: Start, settings: dict[str, Any], durable: bool) -> Iterator[RunFiles]:
    directory = start.directory
    ledger = directory.open_ledger(durable=durable)
    try:
        ledger.check_belongs(directory.run, settings)
        ledger.take_over()
        try:
            yield RunFiles(directory, directory.run, ledger, start)
        finally:
            ledger.hand_back()
    finally:
        ledger.close()
