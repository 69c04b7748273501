"""Who is told what happens during a run."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

from sqsq.report import IterationMetrics


@dataclass(frozen=True)
class Watch:
    """Who is told what happens during a run.

    Attributes:
        iteration: Called after every iteration.
        wait: Called with a few words on what is being waited for.
        note: Called with a line that the user should read.
        downloads: Whether to show progress while downloading data.
    """

    iteration: Callable[[IterationMetrics], None]
    wait: Callable[[str], None]
    note: Callable[[str], None]
    downloads: bool


def watch_with(
    on_iteration: Callable[[IterationMetrics], None] | None,
    on_wait: Callable[[str], None] | None,
    on_note: Callable[[str], None] | None,
    downloads: bool,
) -> Watch:
    """Tell those who are there; where nobody listens to notes, they become warnings."""
    return Watch(
        on_iteration or (lambda metrics: None), on_wait or (lambda words: None), on_note or warn, downloads
    )


def warn(words: str) -> None:
    """Tell somebody who does not listen."""
    warnings.warn(words, UserWarning, stacklevel=2)
