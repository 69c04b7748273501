"""How a run is carried out, as far as its results do not depend on it."""

from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from sqsq.checks import Within, make_plain
from sqsq.engines import (
    OPEN_PLAN_SECONDS,
    BackendChoice,
    Engine,
    IdentifiedEngine,
    QueuedEngine,
    open_hardware,
    open_simulator,
)
from sqsq.errors import UsageError
from sqsq.jobs.dask_cluster import DaskCluster
from sqsq.jobs.events import Tell, Waiting, tell_nobody
from sqsq.jobs.ledger import Ledger
from sqsq.jobs.patience import Patience
from sqsq.jobs.queue import JobQueue
from sqsq.jobs.runner import Executor, TableRunner
from sqsq.jobs.workers import ProcessPool, ThisProcess

LOCAL_SECONDS, HARDWARE_SECONDS = 0.25, 60.0
"""What a chunk takes by estimate, where the user does not say: small enough to share among workers,
long enough for IBM's 2 s a job to be little."""


@dataclass(frozen=True)
class Resources:
    """Where chunks run and what they may cost; it may change when a run is resumed.

    Attributes:
        workers: Worker processes for simulators; 0 runs in this process.
        dask: The address of a Dask scheduler, for simulators.
        max_qpu_seconds: What a hardware run may spend in all, by charge or else by estimate.
        max_pending: How many hardware jobs may be out at once; None for what the plan allows, 3 on the Open
            Plan.
        instance: The IBM Quantum instance, or None for the account's.
        batch: Whether hardware jobs are sent within a batch.
        accept_device_changes: Whether to go on where a device is no longer the one that the run began on: on
            other qubits where some are faulty, with other circuits where its gates are others.
        patience: How long to wait for a service.

    Raises:
        UsageError: If a value is not allowed, or workers and Dask are both asked for.
    """

    workers: int = 0
    dask: str | None = None
    max_qpu_seconds: float = OPEN_PLAN_SECONDS
    max_pending: Annotated[int, Within(low=1)] | None = None
    instance: str | None = None
    batch: bool = True
    accept_device_changes: bool = False
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        make_plain(self)
        if self.workers < 0:
            raise UsageError(f"workers is {self.workers}: must not be negative")
        if self.workers and self.dask:
            raise UsageError("workers and dask: choose one")
        if not self.max_qpu_seconds >= 0:
            raise UsageError(f"max-qpu-seconds is {self.max_qpu_seconds}: must not be negative")

    def to_json(self) -> dict[str, Any]:
        """As JSON types; what holds for one process only is not kept: patience, an accepted change."""
        return {
            "workers": self.workers,
            "dask": self.dask,
            "max_qpu_seconds": self.max_qpu_seconds,
            "max_pending": self.max_pending,
            "instance": self.instance,
            "batch": self.batch,
        }


def open_backend(
    choice: BackendChoice,
    patience: Patience | None = None,
    tell: Tell = tell_nobody,
    *,
    resuming: bool = False,
) -> Engine | QueuedEngine:
    """Open a simulator or a real device.

    Args:
        choice: Which.
        patience: How long to wait for a service.
        tell: Told what is being waited for.
        resuming: Whether a device need not be there any more; see ``BackendChoice``.

    Raises:
        BackendError: If there is no such backend or it cannot be used or reached.
    """
    if not choice.hardware:
        return open_simulator(choice)
    choice = replace(choice, resuming=resuming)
    patience = patience or Patience()
    return patience.ask(
        lambda: open_hardware(choice),
        patience.first_contact,
        lambda words: tell(Waiting(words)),
        "",
    )


def make_runner(
    choice: BackendChoice,
    engine: Engine | QueuedEngine,
    resources: Resources,
    *,
    job_seconds: float | None,
    ledger: Ledger | None,
    run: str,
    tell: Tell,
) -> TableRunner:
    """Put an engine behind a ledger.

    Args:
        choice: The backend.
        engine: The same, opened.
        resources: Where chunks run.
        job_seconds: How long a chunk should take at most, by estimate; None for the default.
        ledger: Where chunks are written down; hardware needs one.
        run: What tells this run from all others.
        tell: Told what happens.

    Raises:
        UsageError: If hardware lacks a ledger or is asked for workers.
    """
    if isinstance(engine, QueuedEngine):
        if ledger is None:
            raise UsageError(
                f"{choice.name} is hardware: a run needs a run directory, so that nothing is lost"
            )
        if resources.workers or resources.dask:
            raise UsageError(f"workers and dask are for simulators: {choice.name} has a queue of its own")
        engine.follows_changes = resources.accept_device_changes
        executor: Executor = JobQueue(
            engine,
            ledger,
            run=run,
            patience=resources.patience,
            max_qpu_seconds=resources.max_qpu_seconds,
            max_pending=resources.max_pending,
            tell=tell,
        )
    elif resources.dask:
        executor = DaskCluster(choice, resources.dask)
    elif resources.workers:
        executor = ProcessPool(choice, resources.workers)
    else:
        executor = ThisProcess(engine)
    default = HARDWARE_SECONDS if isinstance(engine, QueuedEngine) else LOCAL_SECONDS
    identity = ""
    if isinstance(engine, IdentifiedEngine):
        identity = engine.identity
        if ledger is not None:
            check_same_spikes(ledger, choice.name, identity)
    return TableRunner(
        engine,
        executor,
        job_seconds=default if job_seconds is None else job_seconds,
        identity=identity,
        ledger=ledger,
        run=run,
        patience=resources.patience,
        tell=tell,
    )


def check_same_spikes(ledger: Ledger, backend: str, identity: str) -> None:
    """Check that a simulator draws its spikes as it did when the run began; a new ledger takes that on.

    Raises:
        UsageError: If it draws others: the run would be two halves of different ones.
    """
    known = ledger.fact(f"identity {backend}")
    if known is None:
        ledger.remember(f"identity {backend}", identity)
    elif known != identity:
        raise UsageError(
            f"this run began with the spikes of {known}, and here they are those of {identity}: go on with "
            "the versions that config.json names, or begin another run"
        )
