"""What every engine offers."""

from typing import Protocol, runtime_checkable

from sqsq.tables import EvaluationTable, RowGroups, ScoreRequest, Scores, Spikes, Table, Template


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

    def rows_per_chunk(self, table: Table, seconds: float) -> int:
        """How many of its rows take about so many seconds, by an estimate that every machine shares."""

    def groups_of(self, table: EvaluationTable) -> RowGroups:
        """Which group of qubits runs each row of a table."""

    def run(self, table: Table) -> Spikes:
        """Run a table.

        Returns:
            Spikes, uint8, of ``table.spikes_shape``. Simulators return the same spikes for
            the same table and seed, bit for bit.
        """


@runtime_checkable
class IdentifiedEngine(Engine, Protocol):
    """An engine that can say in one line whose results it gives."""

    @property
    def identity(self) -> str:
        """Its name and seed, and the version of what draws its random numbers.

        Simulators with the same text give the same spikes for the same circuits and table.
        """


@runtime_checkable
class ExactAnswers(Protocol):
    """An engine that knows probabilities, not only spikes."""

    def score(self, request: ScoreRequest) -> Scores:
        """Answer a request."""
