"""A run directory: one run, one writer, files that are whole or absent and say whose they are."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqsq.errors import DataError, JobError
from sqsq.files import write_whole
from sqsq.jobs import Ledger
from sqsq.runs.config_file import CONFIG, read_config
from sqsq.runs.metrics_file import METRICS, metrics_line, read_metrics
from sqsq.runs.model_file import TrainedModel, load_model, same_arrays
from sqsq.shell import shell_command
from sqsq.training import Checkpoint, load_checkpoint

MODEL, FIGURE, LEDGER, CHECKPOINT = "model.npz", "training.png", "ledger.sqlite", "checkpoint.npz"
CALIBRATION = "calibration.json"


@dataclass(frozen=True)
class RunDirectory:
    """Where a run keeps its files.

    Every file that a command reads names the run, as ``config.json`` does, and has a checksum; reading one
    checks both.

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

    @property
    def run(self) -> str:
        """What tells the run from all others."""
        return str(self.config()["run"])

    def config(self) -> dict[str, Any]:
        """What ``config.json`` holds.

        Raises:
            DataError: If it is missing, damaged or edited.
        """
        return read_config(self.path)

    def metrics(self, iterations: int | None = None) -> list[dict[str, Any]]:
        """The lines of ``metrics.jsonl``; a last one that was cut off is left out.

        Args:
            iterations: Only those of the first so many iterations, which must be there.

        Raises:
            JobError: If a line is damaged, edited, missing, out of order or another run's.
        """
        path = self.path / METRICS
        if iterations is None and not path.exists():
            return []
        return read_metrics(path, self.run, iterations)

    def append_metrics(self, line: dict[str, Any], run: str) -> None:
        """Add one line of the run to ``metrics.jsonl``, at once."""
        with (self.path / METRICS).open("a") as file:
            file.write(metrics_line(line, run))

    def cut_metrics(self, iterations: int) -> list[dict[str, Any]]:
        """Keep the lines of the first so many iterations: the rest will be written again.

        Raises:
            JobError: If one of those is missing, or as ``metrics``.
        """
        kept = self.metrics(iterations)
        path, run = self.path / METRICS, self.run
        if path.exists():
            write_whole(path, "".join(metrics_line(line, run) for line in kept))
        return kept

    def last_checkpoint(self) -> Checkpoint | None:
        """Where training stands; None if there is no checkpoint yet.

        Raises:
            JobError: If it is damaged or another run's.
        """
        return load_checkpoint(self.checkpoint, self.run)

    def holds_model_of(self, point: Checkpoint) -> bool:
        """Whether the model is there, whole, and that of a checkpoint."""
        try:
            found = load_model(self.model, run=self.run)
        except DataError:
            return False
        return same_arrays(found.arrays or {}, point.arrays)

    def trained(self) -> TrainedModel:
        """What the run has learned.

        Raises:
            DataError: If there is nothing yet, or it is damaged, not this run's or not its last.
            JobError: If the checkpoint is damaged or not this run's.
        """
        point = self.last_checkpoint()
        found = load_model(self.model, run=self.run)
        if found.settings is None or found.known is None:
            raise DataError(f"{self.model} is no model that a run wrote")
        at_the_end = point is not None and point.iteration == found.settings.iterations
        if point is not None and at_the_end and not same_arrays(found.arrays or {}, point.arrays):
            raise DataError(
                f"{self.model} is of an earlier iteration than {self.checkpoint.name}: put it back, or let "
                f"{shell_command('sqsq', 'resume', self.path)} write it again"
            )
        return found

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
            JobError: If it is damaged, cannot be opened or is another run's.
        """
        ledger = Ledger(self.ledger, durable=durable, read_only=read_only)
        try:
            known = ledger.fact("run")
            if known is not None and known[0] != self.run:
                raise JobError(
                    f"{self.ledger} belongs to another run: it was copied here, or config.json was"
                )
        except BaseException:
            ledger.close()
            raise
        return ledger
