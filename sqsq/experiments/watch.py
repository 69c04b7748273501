"""Who is told what happens during a run."""

from collections.abc import Callable
from dataclasses import dataclass

from sqsq.report import IterationMetrics


@dataclass(frozen=True)
class Watch:
    """Who is told what happens during a run.

    Attributes:
        iteration: Called after every iteration.
        wait: Called with a few words on what is being waited for.
        downloads: Whether to show progress while downloading data.
    """

    iteration: Callable[[IterationMetrics], None]
    wait: Callable[[str], None]
    downloads: bool


def watch_with(
    on_iteration: Callable[[IterationMetrics], None] | None,
    on_wait: Callable[[str], None] | None,
    downloads: bool,
) -> Watch:
    """Tell those who are there."""
    return Watch(on_iteration or (lambda metrics: None), on_wait or (lambda words: None), downloads)
