"""A run directory: one run, one writer, files that are whole or absent."""

import json
import os
import platform
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from sqsq.errors import DataError, JobError, UsageError
from sqsq.experiments.versions import package_versions
from sqsq.jobs import Ledger
from sqsq.shell import shell_command

CONFIG, METRICS, MODEL, FIGURE, _LOCK = "config.json", "metrics.jsonl", "model.npz", "training.png", ".lock"
LEDGER, CHECKPOINT = "ledger.sqlite", "checkpoint.npz"


@dataclass(frozen=True)
class RunDirectory:
    """Where a run keeps its files.

    Attributes:
        path: The directory.
    """

    path: Path

    @property
    def model(self) -> Path:
        """The trained network, ``model.npz``."""
        return self.path / MODEL

    @property
    def figure(self) -> Path:
        """The learning curve, ``training.png``."""
        return self.path / FIGURE

    @property
    def checkpoint(self) -> Path:
        """Where training stands, ``checkpoint.npz``."""
        return self.path / CHECKPOINT

    @property
    def ledger(self) -> Path:
        """What was sent and what came back, ``ledger.sqlite``."""
        return self.path / LEDGER

    @property
    def holds_run(self) -> bool:
        """Whether a run was begun here."""
        return os.path.exists(self.path / CONFIG)  # False also for names that no file can have

    def append_metrics(self, line: dict[str, Any]) -> None:
        """Add one line to ``metrics.jsonl``, at once."""
        with (self.path / METRICS).open("a") as file:
            file.write(json.dumps(line) + "\n")

    def metrics(self) -> list[dict[str, Any]]:
        """The lines of ``metrics.jsonl`` (a last one that was cut off is left out)."""
        path = self.path / METRICS
        lines = path.read_text().split("\n")[:-1] if path.exists() else []
        return [json.loads(line) for line in lines]

    def cut_metrics(self, iterations: int) -> list[dict[str, Any]]:
        """Keep the lines of the first so many iterations: the rest will be written again."""
        if not (self.path / METRICS).exists():
            return []
        kept = [line for line in self.metrics() if line["iteration"] <= iterations]
        partial = self.path / f"{METRICS}.partial"
        partial.write_text("".join(json.dumps(line) + "\n" for line in kept))
        partial.replace(self.path / METRICS)
        return kept

    def config(self) -> dict[str, Any]:
        """What ``config.json`` holds.

        Raises:
            DataError: If it is missing or unreadable.
        """
        path = self.path / CONFIG
        try:
            config = json.loads(path.read_text())
        except FileNotFoundError:
            raise DataError(f"{self.path} is not a run directory: it has no {CONFIG}") from None
        except (OSError, ValueError) as error:
            raise DataError(f"{path} cannot be read: {error}") from error
        if not isinstance(config, dict) or "settings" not in config:
            raise DataError(f"{path} is not the configuration of a run")
        return config

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Turn what goes wrong while writing into one line.

        Raises:
            JobError: If a file could not be written; what was written before is whole.
        """
        try:
            yield
        except OSError as error:
            raise JobError(
                f"{error.filename or self.path} could not be written: {error.strerror or error}; nothing is "
                f"lost, and {shell_command('sqsq', 'resume', self.path)} goes on once there is room"
            ) from error

    def open_ledger(self, *, durable: bool = True, read_only: bool = False) -> Ledger:
        """Open ``ledger.sqlite``.

        Raises:
            JobError: If it is damaged or cannot be opened.
        """
        return Ledger(self.ledger, durable=durable, read_only=read_only)


@contextmanager
def locked_run_directory(path: Path) -> Iterator[RunDirectory]:
    """Make a directory if need be, and keep other writers out while it is open.

    Raises:
        UsageError: If the directory cannot be written or is in use.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path / _LOCK)
        lock.acquire(blocking=False)
    except Timeout:
        raise UsageError(f"run directory {path} is in use by another run") from None
    except (OSError, ValueError) as error:  # a name with a zero byte
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"run directory {path} cannot be written: {why}") from error
    try:
        yield RunDirectory(path)
    finally:
        lock.release()


def write_config(
    directory: RunDirectory, experiment: str, settings: dict[str, Any], execution: dict[str, Any]
) -> str:
    """Write ``config.json`` of a new run.

    Returns:
        What tells the run from all others.

    Raises:
        UsageError: If the directory holds a run already.
    """
    if directory.holds_run:
        raise UsageError(
            f"run directory {directory.path} holds a run already: choose another, or go on with "
            f"{shell_command('sqsq', 'resume', directory.path)}"
        )
    run = uuid.uuid4().hex
    config = {
        "run": run,
        "experiment": experiment,
        "settings": settings,
        "execution": execution,
        "python": platform.python_version(),
        "packages": package_versions(),
    }
    partial = directory.path / f"{CONFIG}.partial"
    partial.write_text(json.dumps(config, indent=2) + "\n")
    partial.replace(directory.path / CONFIG)
    return run
