"""The engine ``ibm_<device>``: jobs of the sampler, in a batch."""

from typing import Any

from sqsq.circuits import Template
from sqsq.circuits.fused import FusedPlan
from sqsq.engines.cost import Cost
from sqsq.engines.device import Device, device_of
from sqsq.engines.device_program import BadResultError, DevicePrograms, Placement
from sqsq.engines.ibm.failures import raise_as_ours
from sqsq.engines.protocol import Table
from sqsq.engines.queued import JobReport, JobState
from sqsq.engines.readout import ReportedReadout, readout_of_groups
from sqsq.engines.row_groups import RowGroups
from sqsq.engines.table import EvaluationTable, Spikes
from sqsq.errors import BackendError
from sqsq.redaction import without_secrets

_STATES: dict[str, JobState] = {
    "DONE": "done",
    "ERROR": "failed",
    "CANCELLED": "cancelled",
    "RUNNING": "running",
}


class HardwareEngine:
    """Sends tables as jobs to a device; one job a table."""

    def __init__(self, service: Any, backend: Any, placement: Placement, *, batch: bool = True) -> None:
        """Make an engine; nothing is sent yet.

        Args:
            service: A ``QiskitRuntimeService``.
            backend: One of its backends.
            placement: Where neurons run on the device.
            batch: Whether jobs are sent within a batch.
        """
        self._service = service
        self._backend = backend
        self._programs = DevicePrograms(device_of(backend), placement)
        self._use_batch = batch
        self._batch: Any = None
        self._jobs: dict[str, Any] = {}

    @property
    def name(self) -> str:
        """The name of the device."""
        return str(self._backend.name)

    @property
    def device(self) -> Device:
        """What circuits are compiled for."""
        return self._programs.device

    @property
    def choices(self) -> dict[str, Any]:
        """Qubits and sizes of jobs; see ``QueuedEngine.choices``."""
        return self._programs.choices

    @choices.setter
    def choices(self, choices: dict[str, Any]) -> None:
        self._programs.choices = choices

    def prepare(self, template: Template) -> None:
        """Compile a template and check it against the limits of a job; see ``Engine.prepare``."""
        if self._programs.circuit_seconds(template) is None:
            raise BackendError(f"{self.name} publishes no durations, so the cost of a run is unknown")

    def groups(self, template: Template) -> tuple[tuple[int, ...], ...]:
        """See ``QueuedEngine.groups``."""
        return self._programs.groups(template)

    def groups_of(self, table: EvaluationTable) -> RowGroups:
        """See ``QueuedEngine.groups_of``."""
        return self._programs.groups_of(table)

    def reported_readout(self, template: Template) -> ReportedReadout:
        """See ``QueuedEngine.reported_readout``."""
        try:
            properties = self._backend.properties()
        except Exception as error:
            raise_as_ours(error, f"asking {self.name} for its readout errors")
        return readout_of_groups(self.device, properties, self.groups(template), template.neuron.io_qubits)

    def rows_per_job(self, template: Template | FusedPlan, shots: int, seconds: float) -> int:
        """See ``QueuedEngine.rows_per_job``."""
        return self._programs.rows_per_job(template, shots, seconds)

    def identity(self, template: Template | FusedPlan, rows: int) -> str:
        """See ``QueuedEngine.identity``."""
        return self._programs.identity(template, rows)

    def cost(self, template: Template | FusedPlan, rows: int, shots: int) -> Cost:
        """See ``QueuedEngine.cost``."""
        return self._programs.cost(template, rows, shots)

    def submit(self, table: Table, tag: str) -> str:
        """See ``QueuedEngine.submit``."""
        from qiskit_ibm_runtime.executor_sampler import Sampler

        pub = self._programs.pub(table)
        try:
            sampler = Sampler(mode=self._open_batch() if self._use_batch else self._backend)
            sampler.options.environment.job_tags = [tag]
            job = sampler.run([pub], shots=table.shots)
        except Exception as error:
            raise_as_ours(error, f"submitting to {self.name}")
        self._jobs[job.job_id()] = job
        return str(job.job_id())

    def find(self, tag: str) -> list[str]:
        """See ``QueuedEngine.find``."""
        try:
            jobs = self._service.jobs(
                job_tags=[tag], limit=None, descending=False, instance=self._backend._instance
            )
            alive = [job for job in jobs if job.status() != "CANCELLED"]
        except Exception as error:
            raise_as_ours(error, f"looking for a job on {self.name}")
        for job in alive:
            self._jobs[job.job_id()] = job
        return [str(job.job_id()) for job in alive]

    def report(self, job_id: str) -> JobReport:
        """See ``QueuedEngine.report``."""
        try:
            job = self._job(job_id)
            state = _STATES.get(job.status(), "queued")
            metrics = {} if state == "running" else job.metrics()
            reason = job.error_message() if state == "failed" else None
        except Exception as error:
            raise_as_ours(error, f"asking for job {job_id}")
        usage = metrics.get("usage") or {}
        charged = usage.get("qpu_charge_time_seconds")
        final = state in ("done", "failed", "cancelled")
        return JobReport(
            state,
            without_secrets(" ".join(reason.split())) if reason else None,
            metrics.get("position_in_queue") if state == "queued" else None,
            float(charged) if final and charged is not None and usage.get("status") != "pending" else None,
        )

    def fetch(self, job_id: str, table: Table) -> Spikes:
        """See ``QueuedEngine.fetch``."""
        try:
            result = self._job(job_id).result()
        except Exception as error:
            if isinstance(error, ValueError | KeyError | TypeError):  # the client could not decode it
                words = without_secrets(f"the result of job {job_id} cannot be read: {error}")
                raise BadResultError(words) from None
            raise_as_ours(error, f"fetching job {job_id}")
        if result is None or len(result) != 1:
            raise BadResultError(
                f"job {job_id} returned {0 if result is None else len(result)} results, not 1"
            )
        return self._programs.spikes(result[0].data, table)

    def cancel(self, job_id: str) -> None:
        """See ``QueuedEngine.cancel``."""
        from qiskit_ibm_runtime.exceptions import RuntimeInvalidStateError

        try:
            self._job(job_id).cancel()
        except RuntimeInvalidStateError:  # it has ended: nothing to cancel
            return
        except Exception as error:
            raise_as_ours(error, f"cancelling job {job_id}")

    def close(self) -> None:
        """Close the batch: it takes no more jobs, and finishes those it has."""
        if self._batch is None:
            return
        try:
            self._batch.close()
        except Exception as error:
            raise_as_ours(error, "closing the batch")
        self._batch = None
        self.choices.pop("batch", None)

    def _job(self, job_id: str) -> Any:
        if job_id not in self._jobs:
            self._jobs[job_id] = self._service.job(job_id)
        return self._jobs[job_id]

    def _open_batch(self) -> Any:
        """The batch of the run, or a new one if it takes no more jobs."""
        from qiskit_ibm_runtime import Batch
        from qiskit_ibm_runtime.exceptions import IBMInputValueError

        if self._batch is None and (known := self.choices.get("batch")) is not None:
            try:
                self._batch = Batch.from_id(known, service=self._service)
            except IBMInputValueError:  # the service has forgotten it
                self._batch = None
        if self._batch is not None and not (self._batch.details() or {}).get("accepting_jobs"):
            self._batch = None
        if self._batch is None:
            self._batch = Batch(self._backend)
            self.choices["batch"] = self._batch.session_id
        return self._batch
