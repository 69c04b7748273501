"""What engines with a queue offer: jobs that outlive the process that sent them."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from sqsq.circuits import Template
from sqsq.circuits.fused import FusedPlan
from sqsq.engines.cost import Cost
from sqsq.engines.device import Device
from sqsq.engines.protocol import Table
from sqsq.engines.readout import ReportedReadout
from sqsq.engines.row_groups import RowGroups
from sqsq.engines.table import EvaluationTable, Spikes
from sqsq.redaction import without_secrets

JobState = Literal["queued", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class JobReport:
    """How a job stands.

    Attributes:
        state: Where it is.
        reason: Why it failed or was cancelled, in the service's words.
        queue_position: Its place in the queue, where known.
        charged: QPU seconds charged, where known.
    """

    state: JobState
    reason: str | None = None
    queue_position: int | None = None
    charged: float | None = None


class TemporaryError(Exception):
    """The service could not be reached or asked to come back later."""

    def __init__(self, reason: str, *, may_have_arrived: bool) -> None:
        """Say what happened.

        Args:
            reason: In one line.
            may_have_arrived: Whether the request may have been carried out all the same.
        """
        super().__init__(without_secrets(reason))
        self.may_have_arrived = may_have_arrived


@runtime_checkable
class QueuedEngine(Protocol):
    """An engine whose tables become jobs; every call may raise ``TemporaryError`` or BackendError."""

    choices: dict[str, Any]
    """What was chosen by the state of the device, to be kept for the rest of the run."""

    @property
    def name(self) -> str:
        """The name under which ``--backend`` finds it."""

    @property
    def device(self) -> Device:
        """What circuits are compiled for."""

    def prepare(self, template: Template) -> None:
        """Compile a template; see ``Engine.prepare``."""

    def groups(self, template: Template) -> tuple[tuple[int, ...], ...]:
        """The groups of qubits on which a template runs side by side."""

    def groups_of(self, table: EvaluationTable) -> RowGroups:
        """Which group runs each row of a table that is sent as one job."""

    def reported_readout(self, template: Template) -> ReportedReadout:
        """What the device reports of the readout of a template's groups."""

    def rows_per_job(self, template: Template | FusedPlan, shots: int, seconds: float) -> int:
        """How many evaluations a job of at most so many estimated QPU seconds takes."""

    def identity(self, template: Template | FusedPlan, rows: int) -> str:
        """The canonical content of the circuit that so many rows run."""

    def cost(self, template: Template | FusedPlan, rows: int, shots: int) -> Cost:
        """What a job of so many evaluations costs by estimate."""

    def submit(self, table: Table, tag: str) -> str:
        """Send a job that carries a tag; returns its id."""

    def find(self, tag: str) -> list[str]:
        """The ids of the jobs with a tag, oldest first, cancelled ones left out."""

    def report(self, job_id: str) -> JobReport:
        """Ask how a job stands."""

    def fetch(self, job_id: str, table: Table) -> Spikes:
        """The spikes of a job that is done.

        Raises:
            BadResultError: If they are not what the table asked for.
        """

    def cancel(self, job_id: str) -> None:
        """Cancel a job, unless it has ended."""

    def close(self) -> None:
        """Say that no more jobs will come; jobs already sent stay."""
