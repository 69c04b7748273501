"""What every engine offers."""

from typing import Protocol

from sqsq.circuits import Template
from sqsq.engines.row_groups import RowGroups
from sqsq.engines.table import EvaluationTable, Spikes


class Engine(Protocol):
    """Runs tables, at once: a simulator, or a sampler that answers."""

    @property
    def name(self) -> str:
        """The name under which ``--backend`` finds it."""

    def prepare(self, template: Template) -> None:
        """Compile a template ahead of its first table.

        Raises:
            BackendError: If the backend cannot run it.
        """

    def rows_per_chunk(self, template: Template, shots: int, seconds: float) -> int:
        """How many rows take about so many seconds, by an estimate that is the same on every machine."""

    def groups_of(self, table: EvaluationTable) -> RowGroups:
        """Which group of qubits runs each row of a table."""

    def run(self, table: EvaluationTable) -> Spikes:
        """Run a table.

        Returns:
            Spikes, uint8, shape (evaluations, shots, T, N). Simulators return the same spikes for
            the same table and seed, bit for bit.
        """
