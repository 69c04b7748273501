"""How long to wait, and how often to try again."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Patience:
    """Times in seconds.

    Attributes:
        first_wait: Before a failed request is tried again; each further wait is twice as long.
        longest_wait: At most, between two tries.
        give_up: After so long without an answer the run stops; it can be resumed.
        grace: How long after an uncertain submission a job may still appear under its tag.
        first_poll: Between the first two questions how a job stands; then half as long again.
        longest_poll: At most, between two questions.
        attempts: How often a chunk is tried before it has failed for good.
    """

    first_wait: float = 1.0
    longest_wait: float = 60.0
    give_up: float = 900.0
    grace: float = 30.0
    first_poll: float = 0.2
    longest_poll: float = 15.0
    attempts: int = 3

    def waits(self) -> Iterator[float]:
        """Growing waits with jitter, so that many clients do not come back at the same moment."""
        rng = np.random.default_rng()  # only when requests are made, never what is measured, depends on it
        wait = self.first_wait
        while True:
            yield float(wait * rng.uniform(0.5, 1.0))
            wait = min(wait * 2, self.longest_wait)

    def polls(self) -> Iterator[float]:
        """Growing pauses between questions."""
        pause = self.first_poll
        while True:
            yield pause
            pause = min(pause * 1.5, self.longest_poll)
