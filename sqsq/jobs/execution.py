"""How a run is carried out, as far as its results do not depend on it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqsq.engines import (
    OPEN_PLAN_SECONDS,
    BackendChoice,
    Engine,
    QueuedEngine,
    open_hardware,
    open_simulator,
)
from sqsq.errors import UsageError
from sqsq.jobs.dask_cluster import DaskCluster
from sqsq.jobs.ledger import Ledger
from sqsq.jobs.patience import Answer, Patience
from sqsq.jobs.queue import JobQueue
from sqsq.jobs.runner import Executor, TableRunner
from sqsq.jobs.workers import ProcessPool, ThisProcess

LOCAL_SECONDS, HARDWARE_SECONDS = 0.25, 60.0
"""What a chunk takes by estimate, where the user does not say: small enough to share among workers,
long enough for IBM's 2 s a job to be little."""


@dataclass(frozen=True)
class Execution:
    """Where chunks run and what they may cost; it may change when a run is resumed.

    Attributes:
        workers: Worker processes for simulators; 0 runs in this process.
        dask: The address of a Dask scheduler, for simulators.
        max_qpu_seconds: What a hardware run may spend in all, by charge or else by estimate.
        instance: The IBM Quantum instance, or None for the account's.
        batch: Whether hardware jobs are sent within a batch.
        patience: How long to wait for a service.

    Raises:
        UsageError: If a number is not allowed, or workers and Dask are both asked for.
    """

    workers: int = 0
    dask: str | None = None
    max_qpu_seconds: float = OPEN_PLAN_SECONDS
    instance: str | None = None
    batch: bool = True
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        if self.workers < 0:
            raise UsageError(f"workers is {self.workers}: must not be negative")
        if self.workers and self.dask:
            raise UsageError("workers and dask: choose one")
        if not self.max_qpu_seconds >= 0:
            raise UsageError(f"max-qpu-seconds is {self.max_qpu_seconds}: must not be negative")

    def to_json(self) -> dict[str, Any]:
        """As JSON types; how patient to be is not kept."""
        return {
            "workers": self.workers,
            "dask": self.dask,
            "max_qpu_seconds": self.max_qpu_seconds,
            "instance": self.instance,
            "batch": self.batch,
        }


def open_backend(
    choice: BackendChoice, patience: Patience | None = None, on_wait: Callable[[str], None] | None = None
) -> Engine | QueuedEngine:
    """Open a simulator or a real device.

    Args:
        choice: Which.
        patience: How long to wait for a service.
        on_wait: Told what is being waited for.

    Raises:
        BackendError: If there is no such backend or it cannot be used or reached.
    """
    if not choice.hardware:
        return open_simulator(choice)
    patience = patience or Patience()
    on_wait = on_wait or (lambda words: None)
    return patience.ask(lambda: open_hardware(choice), patience.first_contact, on_wait, "")


def make_runner(
    choice: BackendChoice,
    engine: Engine | QueuedEngine,
    execution: Execution,
    *,
    job_seconds: float | None,
    ledger: Ledger | None,
    run: str,
    on_wait: Callable[[str], None],
) -> TableRunner:
    """Put an engine behind a ledger.

    Args:
        choice: The backend.
        engine: The same, opened.
        execution: Where chunks run.
        job_seconds: How long a chunk should take at most, by estimate; None for the default.
        ledger: Where chunks are written down; hardware needs one.
        run: What tells this run from all others.
        on_wait: Told what is being waited for.

    Raises:
        UsageError: If hardware lacks a ledger or is asked for workers.
    """
    if isinstance(engine, QueuedEngine):
        if ledger is None:
            raise UsageError(
                f"{choice.name} is hardware: a run needs a run directory, so that nothing is lost"
            )
        if execution.workers or execution.dask:
            raise UsageError(f"workers and dask are for simulators: {choice.name} has a queue of its own")
        executor: Executor = JobQueue(
            engine,
            ledger,
            patience=execution.patience,
            max_qpu_seconds=execution.max_qpu_seconds,
            on_wait=on_wait,
        )
    elif execution.dask:
        executor = DaskCluster(choice, execution.dask)
    elif execution.workers:
        executor = ProcessPool(choice, execution.workers)
    else:
        executor = ThisProcess(engine)
    default = HARDWARE_SECONDS if isinstance(engine, QueuedEngine) else LOCAL_SECONDS
    return TableRunner(
        engine,
        executor,
        job_seconds=default if job_seconds is None else job_seconds,
        identity=f"{choice.name} {choice.seed}",
        ledger=ledger,
        run=run,
    )


def cancel_jobs(engine: QueuedEngine, ledger: Ledger) -> int:
    """Cancel every job that was sent and has not ended.

    Returns:
        How many there were.

    Raises:
        BackendError: If the service cannot be reached; call it again.
    """
    patience = Patience()

    def ask(question: Callable[[], Answer]) -> Answer:
        return patience.ask(
            question, patience.first_contact, lambda words: None, "; not all jobs were cancelled"
        )

    cancelled = 0
    for tag, job_id in ledger.unfinished():
        for each in ask(lambda tag=tag: engine.find(tag)) if job_id is None else [job_id]:  # type: ignore[misc]
            ask(lambda each=each: engine.cancel(each))  # type: ignore[misc]
            cancelled += 1
    return cancelled
