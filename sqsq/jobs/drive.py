"""Runs the generators of the learning rules: tables out, spikes in, usage counted."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeVar

from sqsq.engines import (
    Engine,
    ExactAnswers,
    GroupsRequest,
    QueuedEngine,
    ScoreRequest,
    Table,
)
from sqsq.errors import UsageError

Result = TypeVar("Result")

Step = Generator[Table | ScoreRequest | GroupsRequest, Any, Result]
"""A pure, seeded computation that yields tables, receives their spikes, and returns a result.

Where it yields a ``ScoreRequest`` it receives ``Scores``; only exact engines can answer. Where it yields a
``GroupsRequest`` it receives ``RowGroups``."""


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


def exact_answers(engine: Engine | QueuedEngine) -> ExactAnswers:
    """The engine, if it knows probabilities.

    Raises:
        UsageError: If it knows spikes only.
    """
    if not isinstance(engine, ExactAnswers):
        raise UsageError(
            f"the backend {engine.name} knows no exact gradients: use exact or exact:fake_<device>"
        )
    return engine


def drive(step: Step[Result], engine: Engine) -> tuple[Result, Usage]:
    """Run a step to its end.

    Args:
        step: The generator.
        engine: What runs its tables.

    Returns:
        The step's result, and what it used; exact answers use no executions.

    Raises:
        UsageError: If the step needs exact answers and the engine has none.
    """
    usage = Usage()
    try:
        request = next(step)
        while True:
            if isinstance(request, GroupsRequest):
                request = step.send(engine.groups_of(request.table))
            elif isinstance(request, ScoreRequest):
                usage += Usage(1, request.table.evaluations, 0)
                request = step.send(exact_answers(engine).score(request))
            else:
                usage += Usage(1, request.evaluations, request.evaluations * request.shots)
                request = step.send(engine.run(request))
    except StopIteration as stop:
        return stop.value, usage
