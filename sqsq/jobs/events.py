"""What happens while tables run, told to whoever subscribes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Waiting:
    """Something is being waited for.

    Attributes:
        words: What, in a few words: a place in the queue, a service that does not answer.
    """

    words: str


@dataclass(frozen=True)
class Note:
    """Something that the user should read.

    Attributes:
        words: In one line.
    """

    words: str


@dataclass(frozen=True)
class ChunkDone:
    """A chunk of a table came back.

    Attributes:
        stage: What it is for, such as ``iteration 3 gradient 1``.
        evaluations: Its rows.
        executions: Their shots.
    """

    stage: str
    evaluations: int
    executions: int


@dataclass(frozen=True)
class Charged:
    """The service said what a job was charged.

    Attributes:
        job_id: The job.
        seconds: QPU seconds.
    """

    job_id: str
    seconds: float


Tell = Callable[[Any], None]
"""A subscriber: called with every event, those of runs included."""


def tell_nobody(event: Any) -> None:
    """The subscriber where nobody listens."""
