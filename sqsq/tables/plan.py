"""Plans: pure, seeded computations that ask for what they need and never know who answers."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeVar

from sqsq.tables.evaluation_table import EvaluationTable
from sqsq.tables.network_table import NetworkTable

Result = TypeVar("Result")

Table = EvaluationTable | NetworkTable
"""What engines run: evaluations of one template, or of a whole network."""

Plan = Generator[object, Any, Result]
"""A generator that yields requests, receives their answers, and returns a result.

For a ``Table`` it receives ``Spikes``, for a ``ScoreRequest`` ``Scores``, for a ``GroupsRequest``
``RowGroups``, for an ``IdleAnglesRequest`` the names of angles. Who runs a plan looks each request up by its
type.
"""


@dataclass(frozen=True)
class Usage:
    """What was asked of an engine; usages add.

    Attributes:
        tables: Tables run.
        evaluations: Rows of those tables.
        executions: Shots of submitted circuits, what IBM counts.
    """

    tables: int = 0
    evaluations: int = 0
    executions: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.tables + other.tables,
            self.evaluations + other.evaluations,
            self.executions + other.executions,
        )
