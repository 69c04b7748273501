"""What engines with a queue offer: jobs that outlive the process that sent them."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from sqsq.engines.cost import Cost
from sqsq.engines.device import Device
from sqsq.engines.readout import ReportedReadout
from sqsq.redaction import without_secrets
from sqsq.tables import EvaluationTable, FusedPlan, RowGroups, Spikes, Table, Template

JobState = Literal["queued", "running", "done", "failed", "cancelled", "gone"]
"""Where a job is; ``gone``: the service does not know it (any more)."""


CancelOutcome = Literal["cancelled", "ended", "gone"]
"""What came of cancelling a job: it had ended already, or the service does not know it."""


@dataclass(frozen=True)
class JobReport:
    """How a job stands.

    Attributes:
        state: Where it is.
        reason: Why it failed or was cancelled, in the service's words.
        queue_position: Its place in the queue, where known.
        charged: QPU seconds charged, where known.
        remedy: What to change, where the same job cannot succeed however often it is sent.
        by_somebody: Whether it was cancelled by a person, not by the service.
    """

    state: JobState
    reason: str | None = None
    queue_position: int | None = None
    charged: float | None = None
    remedy: str | None = None
    by_somebody: bool = False


class TemporaryError(Exception):
    """The service could not be reached, could not be understood, or asked to come back later."""

    def __init__(self, reason: str, *, may_have_arrived: bool) -> None:
        """Say what happened.

        Args:
            reason: In one line.
            may_have_arrived: Whether the request may have been carried out all the same.
        """
        super().__init__(without_secrets(reason))
        self.may_have_arrived = may_have_arrived


class NoRoomError(TemporaryError):
    """The service takes no more jobs until some that are pending have ended."""

    def __init__(self, reason: str) -> None:
        """Say what the service said; nothing was carried out."""
        super().__init__(reason, may_have_arrived=False)


@runtime_checkable
class QueuedEngine(Protocol):
    """An engine whose tables become jobs; every call may raise ``TemporaryError`` or BackendError.

    Results of jobs that were sent can be fetched, and jobs cancelled, whether the device is still there
    or not; compiling and sending ask for it.
    """

    choices: dict[str, Any]
    """What was chosen by the state of the device, to be kept for the rest of the run."""

    follows_changes: bool
    """Whether a device that has changed since the run began is followed: other qubits, other circuits."""

    @property
    def name(self) -> str:
        """The name under which ``--backend`` finds it."""

    def open_device(self) -> Device:
        """What circuits are compiled for; the service is asked whether it is there."""

    def prepare(self, template: Template) -> None:
        """Compile a template; see ``Engine.prepare``."""

    def most_pending(self) -> int | None:
        """How many jobs the account may have pending at once; None where no limit is known."""

    def groups(self, template: Template) -> tuple[tuple[int, ...], ...]:
        """The groups of qubits on which a template runs side by side."""

    def groups_of(self, table: EvaluationTable) -> RowGroups:
        """Which group runs each row of a table that is sent as one job."""

    def reported_readout(self, template: Template) -> ReportedReadout:
        """What the device reports of the readout of a template's groups."""

    def rows_per_job(self, template: Template | FusedPlan, shots: int, seconds: float) -> int:
        """How many evaluations a job of at most so many estimated QPU seconds takes."""

    def identity(self, template: Template | FusedPlan, rows: int) -> str:
        """What tells the circuit that so many rows run, its qubits included, from every other."""

    def cost(self, template: Template | FusedPlan, rows: int, shots: int) -> Cost:
        """What a job of so many evaluations costs by estimate."""

    def check_unchanged(self, template: Template | FusedPlan, rows: int) -> None:
        """Check that the device would still run the circuit that the run began with.

        Raises:
            BackendError: If its qubits are faulty now, or it would be another circuit.
        """

    def submit(self, table: Table, tag: str, run_tag: str | None = None) -> str:
        """Send a job that carries its own tag and that of its run, if it has one; returns its id."""

    def find(self, tag: str) -> list[str]:
        """The ids of the jobs that carry a tag, oldest first, cancelled ones left out."""

    def tags_of_jobs(self, run_tag: str) -> dict[str, tuple[str, ...]]:
        """All tags of every job that carries the tag of a run, by its id, oldest first."""

    def report(self, job_id: str) -> JobReport:
        """Ask how a job stands."""

    def fetch(self, job_id: str, table: Table) -> Spikes:
        """The spikes of a job that is done.

        Raises:
            BadResultError: If they were read, and are not what the table asked for.
        """

    def cancel(self, job_id: str) -> CancelOutcome:
        """Cancel a job."""

    def close(self) -> None:
        """Say that no more jobs will come; jobs already sent stay."""
