"""A run directory: one run, one writer, files that are whole or absent."""

import json
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from sqsq.errors import DataError, UsageError

CONFIG, METRICS, MODEL, FIGURE, _LOCK = "config.json", "metrics.jsonl", "model.npz", "training.png", ".lock"
_PACKAGES = ("sqsq", "numpy", "qiskit", "qiskit-aer", "qiskit-ibm-runtime", "scikit-learn")


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

    def append_metrics(self, line: dict[str, Any]) -> None:
        """Add one line to ``metrics.jsonl``, at once."""
        with (self.path / METRICS).open("a") as file:
            file.write(json.dumps(line) + "\n")

    def metrics(self) -> list[dict[str, Any]]:
        """The lines of ``metrics.jsonl``."""
        path = self.path / METRICS
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

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
def new_run_directory(path: Path, experiment: str, settings: dict[str, Any]) -> Iterator[RunDirectory]:
    """Create a run directory, write ``config.json``, and keep other writers out while it is open.

    Raises:
        UsageError: If the directory cannot be written, is in use, or holds a run already.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path / _LOCK)
        lock.acquire(blocking=False)
    except Timeout:
        raise UsageError(f"run directory {path} is in use by another run") from None
    except OSError as error:
        raise UsageError(f"run directory {path} cannot be written: {error.strerror or error}") from error
    try:
        if (path / CONFIG).exists():
            raise UsageError(f"run directory {path} holds a run already: choose another")
        config = {
            "experiment": experiment,
            "settings": settings,
            "python": platform.python_version(),
            "packages": {name: version(name) for name in _PACKAGES},
        }
        partial = path / f"{CONFIG}.partial"
        partial.write_text(json.dumps(config, indent=2) + "\n")
        partial.replace(path / CONFIG)
        yield RunDirectory(path)
    finally:
        lock.release()
