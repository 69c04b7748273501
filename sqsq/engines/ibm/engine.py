"""The engine ``ibm_<device>``: jobs of the sampler, in a batch."""

from math import isfinite
from typing import Any

from sqsq.engines.cost import Cost
from sqsq.engines.device import Device, device_of
from sqsq.engines.device_program import BadResultError, DevicePrograms, Placement
from sqsq.engines.ibm.failures import (
    BatchClosedError,
    UnreadableError,
    asking,
    status_of,
)
from sqsq.engines.ibm.reasons import remedy_for, was_cancelled_by_somebody
from sqsq.engines.ibm.service import check_quota, device_backend, forget_configuration, plan_of
from sqsq.engines.queued import CancelOutcome, JobReport, JobState
from sqsq.engines.readout import ReportedReadout, readout_of_groups
from sqsq.errors import BackendError
from sqsq.redaction import without_secrets
from sqsq.tables import EvaluationTable, FusedPlan, RowGroups, Spikes, Table, Template

_STATES: dict[str, JobState] = {
    "INITIALIZING": "queued",
    "VALIDATING": "queued",
    "PENDING": "queued",
    "QUEUED": "queued",
    "RUNNING": "running",
    "DONE": "done",
    "ERROR": "failed",
    "CANCELLED": "cancelled",
}
_PENDING_OF_PLAN = {"open": 3}
"""How many jobs may be pending at once, by the plan of the instance."""
_NOT_FOUND = 404


class HardwareEngine:
    """Sends tables as jobs to a device; one job a table.

    The device is asked for when something is to be compiled or sent, not before: jobs that are out can be
    fetched and cancelled although it was retired meanwhile.
    """

    def __init__(self, service: Any, name: str, placement: Placement, *, batch: bool = True) -> None:
        """Make an engine; nothing is sent yet.

        Args:
            service: A ``QiskitRuntimeService``.
            name: The name of the device.
            placement: Where neurons run on it.
            batch: Whether jobs are sent within a batch.
        """
        self._service = service
        self._name = name
        self._found: Any = None
        self._programs = DevicePrograms(self._describe_device, placement, name)
        self._use_batch = batch
        self._batch: Any = None
        self._jobs: dict[str, Any] = {}

    @property
    def name(self) -> str:
        """The name of the device."""
        return self._name

    def open_device(self) -> Device:
        """See ``QueuedEngine.open_device``."""
        return self._programs.device

    @property
    def choices(self) -> dict[str, Any]:
        """Qubits, circuits and sizes of jobs; see ``QueuedEngine.choices``."""
        return self._programs.choices

    @choices.setter
    def choices(self, choices: dict[str, Any]) -> None:
        self._programs.choices = choices

    @property
    def follows_changes(self) -> bool:
        """See ``QueuedEngine.follows_changes``."""
        return self._programs.follows_changes

    @follows_changes.setter
    def follows_changes(self, follows: bool) -> None:
        self._programs.follows_changes = follows

    def prepare(self, template: Template) -> None:
        """Compile a template and check it against the limits of a job; see ``Engine.prepare``."""
        if self._programs.circuit_seconds(template) is None:
            raise BackendError(f"{self.name} publishes no durations, so the cost of a run is unknown")

    def most_pending(self) -> int | None:
        """See ``QueuedEngine.most_pending``."""
        return _PENDING_OF_PLAN.get(plan_of(self._service, self.choices.get("instance")))

    def groups(self, template: Template) -> tuple[tuple[int, ...], ...]:
        """See ``QueuedEngine.groups``."""
        return self._programs.groups(template)

    def groups_of(self, table: EvaluationTable) -> RowGroups:
        """See ``QueuedEngine.groups_of``."""
        return self._programs.groups_of(table)

    def reported_readout(self, template: Template) -> ReportedReadout:
        """See ``QueuedEngine.reported_readout``."""
        with asking(f"asking {self.name} for its readout errors"):
            properties = self._backend.properties()
        return readout_of_groups(
            self.open_device(), properties, self.groups(template), template.neuron.io_qubits
        )

    def rows_per_job(self, template: Template | FusedPlan, shots: int, seconds: float) -> int:
        """See ``QueuedEngine.rows_per_job``."""
        return self._programs.rows_per_job(template, shots, seconds)

    def identity(self, template: Template | FusedPlan, rows: int) -> str:
        """See ``QueuedEngine.identity``."""
        return self._programs.identity(template, rows)

    def cost(self, template: Template | FusedPlan, rows: int, shots: int) -> Cost:
        """See ``QueuedEngine.cost``."""
        return self._programs.cost(template, rows, shots)

    def check_unchanged(self, template: Template | FusedPlan, rows: int) -> None:
        """See ``QueuedEngine.check_unchanged``."""
        self._programs.check_unchanged(template, rows)

    def submit(self, table: Table, tag: str, run_tag: str | None = None) -> str:
        """See ``QueuedEngine.submit``."""
        from qiskit_ibm_runtime.executor_sampler import Sampler

        pub = self._programs.pub(table)
        try:
            with asking(f"submitting to {self.name}"):
                sampler = Sampler(mode=self._open_batch() if self._use_batch else self._backend)
                sampler.options.environment.job_tags = [tag] if run_tag is None else [tag, run_tag]
                job = sampler.run([pub], shots=table.shots)
                job_id = job.job_id()
        except BatchClosedError:  # between the check and the submission: the next one opens another
            self._forget_batch()
            raise
        if not isinstance(job_id, str) or not job_id.strip():
            raise UnreadableError(f"submitting to {self.name}: the service's reply names no job")
        self._jobs[job_id] = job
        return job_id

    def find(self, tag: str) -> list[str]:
        """See ``QueuedEngine.find``."""
        with asking(f"looking for a job on {self.name}"):
            alive = [job for job in self._tagged(tag) if not job.status().startswith("CANCELLED")]
        for job in alive:
            self._jobs[job.job_id()] = job
        return [str(job.job_id()) for job in alive]

    def tags_of_jobs(self, run_tag: str) -> dict[str, tuple[str, ...]]:
        """See ``QueuedEngine.tags_of_jobs``."""
        with asking(f"listing the jobs of the run on {self.name}"):
            return {str(job.job_id()): tuple(job.tags) for job in self._tagged(run_tag)}

    def report(self, job_id: str) -> JobReport:
        """See ``QueuedEngine.report``."""
        doing = f"asking for job {job_id}"
        try:
            with asking(doing):
                job = self._job(job_id)
                status = job.status()
        except BackendError as error:
            if status_of(error) != _NOT_FOUND:
                raise
            self._jobs.pop(job_id, None)
            return JobReport("gone", f"the service does not know job {job_id} (any more)")
        state = _STATES.get("CANCELLED" if status.startswith("CANCELLED") else status)
        if state is None:
            raise UnreadableError(f"{doing}: the service says it is {status!r}, which sqsq does not know")
        if state == "running":
            return JobReport(state)
        try:
            with asking(f"{doing} and its charge"):
                usage, position = _usage(job.metrics())
        except UnreadableError:  # the charge is asked for again before anything else is sent
            usage, position = None, None
        if state == "queued":
            return JobReport(state, queue_position=position)
        reason = _reason(job, status) if state in ("failed", "cancelled") else None
        by_somebody = state == "cancelled" and was_cancelled_by_somebody(reason)
        return JobReport(state, reason, None, usage, remedy_for(reason), by_somebody)

    def fetch(self, job_id: str, table: Table) -> Spikes:
        """See ``QueuedEngine.fetch``."""
        from qiskit.primitives import PrimitiveResult

        doing = f"fetching job {job_id}"
        with asking(doing):
            result = self._job(job_id).result()
        if not isinstance(result, PrimitiveResult):  # such as a page of a proxy: the result is still there
            raise UnreadableError(f"{doing}: the service's reply is no result")
        if len(result) != 1:
            raise BadResultError(f"job {job_id} returned {len(result)} results, not 1")
        return self._programs.spikes(result[0].data, table)

    def cancel(self, job_id: str) -> CancelOutcome:
        """See ``QueuedEngine.cancel``."""
        from qiskit_ibm_runtime.exceptions import RuntimeInvalidStateError

        try:
            with asking(f"cancelling job {job_id}"):
                try:
                    self._job(job_id).cancel()
                except RuntimeInvalidStateError:
                    return "ended"
        except BackendError as error:
            if status_of(error) != _NOT_FOUND:
                raise
            return "gone"
        return "cancelled"

    def close(self) -> None:
        """Close the batch: it takes no more jobs, and finishes those it has."""
        if self._batch is None:
            return
        with asking("closing the batch"):
            self._batch.close()
        self._forget_batch()

    @property
    def _backend(self) -> Any:
        """The device, asked for once."""
        if self._found is None:
            found = device_backend(self._service, self._name)
            check_quota(self._service, found)
            self._found = found
            self.choices["instance"] = found._instance
        return self._found

    def _describe_device(self) -> Device:
        backend = self._backend
        with asking(f"asking {self._name} for its state"):
            return device_of(backend, backend.properties())

    def _tagged(self, tag: str) -> list[Any]:
        """The jobs with a tag, oldest first."""
        jobs = self._service.jobs(
            job_tags=[tag], limit=None, descending=False, instance=self.choices.get("instance")
        )
        # a service that does not filter by tags would have strangers' jobs adopted
        return [job for job in jobs if tag in (job.tags or ())]

    def _job(self, job_id: str) -> Any:
        if job_id not in self._jobs:
            self._jobs[job_id] = self._service.job(job_id)
        return self._jobs[job_id]

    def _forget_batch(self) -> None:
        self._batch = None
        self.choices.pop("batch", None)

    def _open_batch(self) -> Any:
        """The batch of the run, or a new one if it takes no more jobs."""
        from qiskit.providers import QiskitBackendNotFoundError
        from qiskit_ibm_runtime import Batch
        from qiskit_ibm_runtime.exceptions import IBMInputValueError, IBMRuntimeError

        if self._batch is None and (known := self.choices.get("batch")) is not None:
            try:
                self._batch = Batch.from_id(known, service=self._service)
            except (IBMInputValueError, IBMRuntimeError):  # the service has forgotten it, or what runs it
                self._batch = None
            except QiskitBackendNotFoundError:  # a list or a description of devices that cannot be read
                forget_configuration(self._service, self._name)
                raise UnreadableError(f"submitting to {self.name}: it cannot be looked up") from None
        if self._batch is not None and not (self._batch.details() or {}).get("accepting_jobs"):
            self._batch = None
        if self._batch is None:
            batch = Batch(self._backend)
            if not isinstance(batch.session_id, str) or not batch.session_id.strip():
                raise UnreadableError(f"submitting to {self.name}: the service's reply names no batch")
            self._batch, self.choices["batch"] = batch, batch.session_id
        return self._batch


def _usage(metrics: Any) -> tuple[float | None, int | None]:
    """QPU seconds that were charged and the place in the queue, where the service tells them."""
    if not isinstance(metrics, dict):
        raise UnreadableError(f"the metrics of a job are {type(metrics).__name__}, not an object")
    usage = metrics.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    seconds, place = usage.get("qpu_charge_time_seconds"), metrics.get("position_in_queue")
    charged = None
    if isinstance(seconds, int | float) and isfinite(seconds) and seconds >= 0:
        charged = None if usage.get("status") == "pending" else float(seconds)
    return charged, place if isinstance(place, int) else None


def _reason(job: Any, status: str) -> str | None:
    """Why a job failed or was cancelled, in the service's words, on one line."""
    said = job.error_message() if status == "ERROR" else job._reason  # the client tells no other way
    words = [] if status in ("ERROR", "CANCELLED") else [status.capitalize()]
    if said:
        words.append(" ".join(without_secrets(str(said)).split()))
    return "; ".join(words) or None
