"""A packed device simulated: the groups of qubits apart, each with its own noise."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sqsq.engines.protocol import IdentifiedEngine
from sqsq.tables import EvaluationTable, NetworkTable, RowGroups, Spikes, Table, Template


class GroupedEngine:
    """Evaluation r runs on group r % groups, as in a packed circuit.

    Groups do not interact, so running them apart gives the distribution of running them together.
    """

    def __init__(
        self, name: str, count: Callable[[Template], int], open_group: Callable[[int], IdentifiedEngine]
    ) -> None:
        """Make an engine.

        Args:
            name: The name of the backend.
            count: How many groups a template has.
            open_group: Makes the engine of a group; called once for each.
        """
        self._name = name
        self._count = count
        self._open_group = open_group
        self._engines: list[IdentifiedEngine] = []

    @property
    def name(self) -> str:
        """The name of the backend."""
        return self._name

    @property
    def identity(self) -> str:
        """See ``IdentifiedEngine.identity``."""
        return f"{self._name} in groups, each {self._group(0).identity}"

    def prepare(self, template: Template) -> None:
        """Compile a template for every group; see ``Engine.prepare``."""
        for engine in self._of(template):
            engine.prepare(template)

    def rows_per_chunk(self, table: Table, seconds: float) -> int:
        """See ``Engine.rows_per_chunk``."""
        return self._first(table).rows_per_chunk(table, seconds)

    def groups_of(self, table: EvaluationTable) -> RowGroups:
        """See ``Engine.groups_of``."""
        count = self._count(table.template)
        return RowGroups(np.arange(table.evaluations) % count, count)

    def run(self, table: Table) -> Spikes:
        """Run a table; see ``Engine.run``. A whole network has groups of its own."""
        if isinstance(table, NetworkTable):
            return self._first(table).run(table)
        spikes: NDArray[np.uint8] = np.empty(table.spikes_shape, np.uint8)
        engines = self._of(table.template)
        for k, engine in enumerate(engines):
            own = slice(k, None, len(engines))
            key = (*table.key, "group", k)
            spikes[own] = engine.run(replace(table, phi=table.phi[own], theta=table.theta[own], key=key))
        return spikes

    def _first(self, table: Table) -> IdentifiedEngine:
        if isinstance(table, EvaluationTable):
            return self._of(table.template)[0]
        return self._group(0)

    def _of(self, template: Template) -> list[IdentifiedEngine]:
        return [self._group(k) for k in range(self._count(template))]

    def _group(self, k: int) -> IdentifiedEngine:
        while len(self._engines) <= k:
            self._engines.append(self._open_group(len(self._engines)))
        return self._engines[k]
