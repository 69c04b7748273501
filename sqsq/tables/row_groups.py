"""Which group of qubits runs a row of a table: readout errors differ from qubit to qubit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import whole_array, whole_number
from sqsq.tables.evaluation_table import EvaluationTable


@dataclass(frozen=True, eq=False)
class GroupsRequest:
    """Asks which group of qubits runs each row of a table; nothing is run.

    Attributes:
        table: The table. Only its template, rows and shots matter.
    """

    table: EvaluationTable


@dataclass(frozen=True, eq=False)
class RowGroups:
    """The answer to a ``GroupsRequest``.

    Attributes:
        of_row: The group of each row, shape (evaluations,).
        count: How many groups the template has; a table may use fewer.

    Raises:
        UsageError: If there is no group, or a row has one that is not among them.
    """

    of_row: NDArray[np.intp]
    count: int

    def __post_init__(self) -> None:
        count = whole_number(self.count, "the number of groups", 1)
        of_row = whole_array(
            self.of_row,
            "groups of rows",
            ("evaluations",),
            low=0,
            high=count - 1,
            may_be_empty=("evaluations",),
        )
        object.__setattr__(self, "count", count)
        object.__setattr__(self, "of_row", of_row)


def one_group(table: EvaluationTable) -> RowGroups:
    """All rows on the same qubits."""
    return RowGroups(np.zeros(table.evaluations, np.intp), 1)


def spread_rows(rows: int, groups: int) -> int:
    """On how many groups so many rows are spread: no more than spread their executions evenly."""
    bindings = -(-rows // groups)
    return max(-(-rows // max(bindings, 1)), 1)
