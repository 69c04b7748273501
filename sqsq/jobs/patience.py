"""How long to wait, and how often to try again."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from sqsq.engines import TemporaryError
from sqsq.errors import BackendError

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Patience:
    """Times in seconds.

    Attributes:
        first_wait: Before a failed request is tried again; each further wait is twice as long.
        longest_wait: At most, between two tries.
        give_up: After so long without an answer the run stops; it can be resumed.
        first_contact: The same for logging in.
        grace: How long after an uncertain submission a job may still appear under its tag.
        charges: How long what a job was charged is waited for, where the budget hangs on it.
        first_poll: Between the first two questions how a job stands; then half as long again.
        longest_poll: At most, between two questions.
        attempts: How often a chunk is tried before it has failed for good.
    """

    first_wait: float = 1.0
    longest_wait: float = 60.0
    give_up: float = 900.0
    first_contact: float = 30.0
    grace: float = 30.0
    charges: float = 60.0
    first_poll: float = 0.2
    longest_poll: float = 15.0
    attempts: int = 3

    def ask(
        self, question: Callable[[], Answer], give_up: float, on_wait: Callable[[str], None], last_words: str
    ) -> Answer:
        """Ask until there is an answer.

        Args:
            question: Asks once.
            give_up: After so many seconds.
            on_wait: Told when it is tried again.
            last_words: What to tell the user then.

        Raises:
            BackendError: If there was none in time, or the answer was a refusal.
        """
        start = time.monotonic()
        for wait in self.waits():
            try:
                return question()
            except TemporaryError as failure:
                self.rest(wait, start, give_up, failure, on_wait, last_words)
        raise AssertionError("waits never end")

    def rest(
        self,
        wait: float,
        start: float,
        give_up: float,
        failure: TemporaryError,
        on_wait: Callable[[str], None],
        last_words: str,
    ) -> None:
        """Wait, unless patience ends.

        Raises:
            BackendError: If it does.
        """
        waited = time.monotonic() - start
        if waited + wait > give_up:
            raise BackendError(f"{failure} (tried for {waited:.0f} s{last_words})") from failure
        on_wait(f"trying again in {wait:.0f} s: {failure}")
        time.sleep(wait)

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
