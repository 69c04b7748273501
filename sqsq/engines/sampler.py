"""Any provider's sampler as an engine."""

from qiskit.primitives import BaseSamplerV2
from qiskit.transpiler import Target

from sqsq.engines.device import Device
from sqsq.engines.device_program import BadResultError, DevicePrograms, Placement
from sqsq.errors import BackendError, UsageError
from sqsq.tables import EvaluationTable, RowGroups, Spikes, Table, Template


class SamplerEngine:
    """Runs tables on a ``BaseSamplerV2`` of any Qiskit provider, packed like hardware jobs.

    Each call of ``run`` waits for its job. Whether results can be repeated is up to the sampler.
    """

    def __init__(
        self,
        sampler: BaseSamplerV2,
        target: Target,
        name: str = "sampler",
        placement: Placement | None = None,
    ) -> None:
        """Make an engine.

        Args:
            sampler: What runs the circuits: it must know mid-circuit measurement and reset.
            target: What to compile for.
            name: A name for errors and configurations.
            placement: Where neurons run; by default one group, on the qubits of least reported error.

        Raises:
            UsageError: If the target does not say how many qubits there are.
        """
        if target.num_qubits is None:
            raise UsageError(f"the target of {name} has no number of qubits: give one that has")
        self._sampler = sampler
        self._programs = DevicePrograms(Device(name, target), placement or Placement(pack="off"))

    @property
    def name(self) -> str:
        """The name it was given."""
        return self._programs.device.name

    @property
    def identity(self) -> str:
        """See ``IdentifiedEngine.identity``: the name, and whose sampler it is."""
        kind = type(self._sampler)
        return f"{self.name} by {kind.__module__}.{kind.__qualname__}"

    def prepare(self, template: Template) -> None:
        """Compile a template; see ``Engine.prepare``."""
        self._programs.packed(template, 1)

    def rows_per_chunk(self, table: Table, seconds: float) -> int:
        """See ``Engine.rows_per_chunk``: as many as a job on hardware would take."""
        return self._programs.rows_per_job(table.template, table.shots, seconds)

    def groups_of(self, table: EvaluationTable) -> RowGroups:
        """See ``Engine.groups_of``."""
        return self._programs.groups_of(table)

    def run(self, table: Table) -> Spikes:
        """Run a table; see ``Engine.run``.

        Raises:
            BackendError: If the sampler returns something else than was asked for.
        """
        result = self._sampler.run([self._programs.pub(table)], shots=table.shots).result()
        try:
            return self._programs.spikes(result[0].data, table)
        except BadResultError as error:
            raise BackendError(f"{self.name}: {error}") from error
