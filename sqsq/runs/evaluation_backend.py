"""The backend of an evaluation: a simulator, or a device behind a ledger of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqsq.engines import BackendChoice, QueuedEngine, open_simulator
from sqsq.errors import DataError
from sqsq.files import json_digest
from sqsq.jobs import (
    Cancelled,
    Resources,
    Tell,
    cancel_jobs,
    make_runner,
    open_backend,
    restore_choices,
)
from sqsq.runs.mitigating import NoisyBackend
from sqsq.runs.opening import settle
from sqsq.runs.run_directory import RunDirectory
from sqsq.runs.run_files import new_run_files, resumed_run_files
from sqsq.runs.stored_settings import EVALUATION, resources_of
from sqsq.tables import Template

EVALUATIONS = "evaluations"
"""The folder of a run in which its evaluations on devices are."""


@dataclass(frozen=True)
class EvaluationPlace:
    """Where an evaluation on a device keeps its ledger.

    Attributes:
        run_dir: The run that is evaluated.
        asked: What identifies the evaluation, JSON types: asked for again, it goes on where it was.
    """

    run_dir: Path
    asked: dict[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """Its directory."""
        digest = json_digest(self.asked)[:8]
        return self.run_dir / EVALUATIONS / f"{self.asked['backend']}-{digest}"

    @property
    def begun(self) -> bool:
        """Whether it was begun."""
        return RunDirectory(self.path).holds_run


@contextmanager
def evaluation_backend(
    choice: BackendChoice,
    resources: Resources | None,
    place: EvaluationPlace,
    template: Template | None,
    tell: Tell,
    job_seconds: float | None,
) -> Iterator[NoisyBackend]:
    """Open what an evaluation runs on.

    Args:
        choice: The backend.
        resources: What it may cost; as it was begun, or the defaults, if None.
        place: Where its ledger is; nothing is written for a simulator.
        template: What it is prepared for, if it is known.
        tell: Told what happens.
        job_seconds: How long a job should take at most, by estimate.

    Raises:
        SqsqError: As for a run.
    """
    if not choice.hardware:
        engine = open_simulator(choice)
        if template is not None:
            engine.prepare(template)
        yield NoisyBackend(choice, engine, engine, tell=tell)
        return
    directory, resuming = RunDirectory(place.path), place.begun
    if resources is None:
        resources = resources_of(directory) if resuming else Resources()
    device = open_backend(choice, resources.patience, tell, resuming=resuming)
    if template is not None and not resuming:
        device.prepare(template)
    with (
        resumed_run_files(place.path, durable=True)
        if resuming
        else new_run_files(place.path, EVALUATION, place.asked, resources.to_json(), durable=True)
    ) as files:
        settle(files, {choice.name: device}, resources, tell, resuming=resuming, hardware=True)
        runner = make_runner(
            choice,
            device,
            resources,
            job_seconds=job_seconds,
            ledger=files.ledger,
            run=files.run,
            tell=tell,
        )
        files.start.measured = True  # from here on jobs may be out
        try:
            yield NoisyBackend(choice, device, runner, files.ledger, resources.patience, tell)
            runner.finish()
            files.ledger.remember("finished", True)
        finally:
            runner.close()


def cancel_evaluation(path: Path) -> Cancelled:
    """Ask an evaluation to stop, and cancel the jobs it has sent; asked for again, it goes on.

    Raises:
        DataError: If there is none, or it keeps no ledger.
        BackendError: If the service cannot be reached.
    """
    directory = RunDirectory(path)
    config = directory.config()
    if config["experiment"] != EVALUATION:
        raise DataError(f"{path} is a run of {config['experiment']}, not an evaluation on a device")
    resources = resources_of(directory)
    if not directory.ledger.exists():
        raise DataError(f"{path} has no {directory.ledger.name}: it was removed, or never begun")
    ledger = directory.open_ledger()
    try:
        ledger.remember("stop", True)
        if not ledger.unfinished():
            return Cancelled()
        name = config["settings"]["backend"]
        choice = BackendChoice(name, instance=resources.instance, batch=resources.batch)
        engine = open_backend(choice, resuming=True)
        assert isinstance(engine, QueuedEngine)
        restore_choices(ledger, engine)
        return cancel_jobs(engine, ledger)
    finally:
        ledger.close()
