"""Cancels the jobs of a run, those included that are being sent meanwhile."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqsq.engines import QueuedEngine
from sqsq.jobs.ledger import Ledger
from sqsq.jobs.patience import Answer, Patience

BY_SQSQ = "cancelled by sqsq cancel"
"""The reason that the ledger has for an attempt that was cancelled here."""


@dataclass(frozen=True)
class Cancelled:
    """What came of cancelling; counts add.

    Attributes:
        cancelled: Jobs that were cancelled.
        ended: Jobs that had ended already: their results can still be fetched.
        gone: Jobs that the service does not know (any more).
        never_sent: Submissions that were begun and have left no job.
    """

    cancelled: int = 0
    ended: int = 0
    gone: int = 0
    never_sent: int = 0

    def __add__(self, other: "Cancelled") -> "Cancelled":
        return Cancelled(
            self.cancelled + other.cancelled,
            self.ended + other.ended,
            self.gone + other.gone,
            self.never_sent + other.never_sent,
        )

    def __str__(self) -> str:
        others = (
            (self.ended, "had ended already"),
            (self.gone, "unknown to the service"),
            (self.never_sent, "never arrived"),
        )
        words = [f"{self.cancelled} jobs cancelled", *(f"{n} {what}" for n, what in others if n)]
        return ", ".join(words)


def cancel_jobs(engine: QueuedEngine, ledger: Ledger, patience: Patience | None = None) -> Cancelled:
    """Cancel every job that was sent and has not ended.

    The ledger says that the run is to stop: from then on nothing is begun. What was being sent at that
    moment is waited for, as long as a job may take to appear under its tag.

    Raises:
        BackendError: If the service cannot be reached; call it again.
    """
    patience = patience or Patience()

    def ask(question: Callable[[], Answer]) -> Answer:
        return patience.ask(
            question, patience.first_contact, lambda words: None, "; not all jobs were cancelled"
        )

    total = Cancelled()
    until = time.monotonic() + patience.grace
    pause = patience.polls()
    seen: set[str] = set()
    while True:
        last_look = time.monotonic() >= until
        open_tags = [(tag, job_id) for tag, job_id in ledger.unfinished() if tag not in seen]
        if not open_tags:
            return total
        for tag, known in open_tags:
            jobs = ask(lambda tag=tag: engine.find(tag)) if known is None else [known]  # type: ignore[misc]
            for job_id in jobs:
                outcome = ask(lambda job_id=job_id: engine.cancel(job_id))  # type: ignore[misc]
                total += Cancelled(**{outcome: 1})
                if outcome == "cancelled":
                    ledger.ended(tag, "cancelled", BY_SQSQ, job_id)
                elif outcome == "gone":
                    ledger.ended(tag, "failed", f"the service does not know job {job_id} (any more)", job_id)
            if jobs:
                seen.add(tag)
            elif last_look:
                total += Cancelled(never_sent=1)
                seen.add(tag)
        if last_look:
            return total
        if any(tag not in seen for tag, _ in open_tags):
            time.sleep(min(next(pause), max(until - time.monotonic(), 0.0)))
