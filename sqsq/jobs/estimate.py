"""What a run would cost: its steps driven without running anything."""

import numpy as np

from sqsq.engines import BackendChoice, Cost, DevicePrograms, Engine, QueuedEngine, device_programs
from sqsq.jobs.chunks import groups_by_chunk
from sqsq.jobs.resources import HARDWARE_SECONDS
from sqsq.tables import EvaluationTable, RowGroups, ScoreRequest, Scores, Spikes, Table, Template, one_group


class CountingEngine:
    """Runs nothing: counts what tables would cost and returns silence.

    What a step measures does not depend on what it has measured so far, only how it updates does.
    """

    def __init__(
        self, name: str, jobs: QueuedEngine | DevicePrograms | None, job_seconds: float | None = None
    ) -> None:
        """Count for a backend.

        Args:
            name: Its name.
            jobs: What knows how its tables become jobs, ``jobs_of``.
            job_seconds: How long a job should take at most, by estimate; None for the default.
        """
        self._name = name
        self._jobs = jobs
        self._job_seconds = HARDWARE_SECONDS if job_seconds is None else job_seconds
        self.cost = Cost()

    @property
    def name(self) -> str:
        """The name of the backend."""
        return self._name

    def prepare(self, template: Template) -> None:
        """Nothing to prepare."""

    def rows_per_chunk(self, table: Table, seconds: float) -> int:
        """See ``Engine.rows_per_chunk``."""
        return 1 if self._jobs is None else self._jobs.rows_per_job(table.template, table.shots, seconds)

    def groups_of(self, table: EvaluationTable) -> RowGroups:
        """See ``Engine.groups_of``."""
        if self._jobs is None:
            return one_group(table)
        size = self._jobs.rows_per_job(table.template, table.shots, self._job_seconds)
        return groups_by_chunk(table, size, self._jobs.groups_of)

    def run(self, table: Table) -> Spikes:
        """Count a table."""
        rows, shots = table.evaluations, table.shots
        if rows and self._jobs is None:
            self.cost += Cost(0, rows, rows * shots, rows, None, None)
        elif rows and self._jobs is not None:
            template = table.template
            size = self._jobs.rows_per_job(template, shots, self._job_seconds)
            self.cost += self._jobs.cost(template, min(size, rows), shots).times(rows // size or 1)
            if rows > size and rows % size:
                self.cost += self._jobs.cost(template, rows % size, shots)
        return np.zeros(table.spikes_shape, np.uint8)

    def score(self, request: ScoreRequest) -> Scores:
        """Exact answers cost no execution."""
        rows = request.table.evaluations
        steps = request.table.template.steps
        return Scores(
            np.zeros((rows, steps)), np.zeros_like(request.table.phi), np.zeros(request.table.theta.shape)
        )


def jobs_of(choice: BackendChoice, engine: Engine | QueuedEngine) -> QueuedEngine | DevicePrograms | None:
    """How tables become jobs: on the device, or on that which a ``fake_`` backend imitates; else None."""
    return engine if isinstance(engine, QueuedEngine) else device_programs(choice)
