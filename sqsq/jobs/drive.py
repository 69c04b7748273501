"""Runs the generators of the learning rules: tables out, spikes in, usage counted."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeVar

from sqsq.engines import Engine, EvaluationTable, Spikes

Result = TypeVar("Result")

Step = Generator[EvaluationTable, Spikes, Result]
"""A pure, seeded computation that yields tables, receives their spikes, and returns a result."""


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


def drive(step: Step[Result], engine: Engine) -> tuple[Result, Usage]:
    """Run a step to its end.

    Args:
        step: The generator.
        engine: What runs its tables.

    Returns:
        The step's result, and what it used.
    """
    usage = Usage()
    try:
        table = next(step)
        while True:
            spikes = engine.run(table)
            usage += Usage(1, table.evaluations, table.evaluations * table.shots)
            table = step.send(spikes)
    except StopIteration as stop:
        return stop.value, usage
