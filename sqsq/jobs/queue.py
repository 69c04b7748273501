"""Chunks as queued jobs, each sent exactly once, whatever happens in between."""

import time
from collections.abc import Callable, Iterator, Sequence

from sqsq.engines import BadResultError, QueuedEngine, Spikes, TemporaryError
from sqsq.errors import BackendError, BudgetError, JobError
from sqsq.jobs.chunks import Chunk
from sqsq.jobs.ledger import Attempt, Ledger
from sqsq.jobs.patience import Answer, Patience

_STILL_THERE = "; jobs already sent go on, and resuming fetches them"


class JobQueue:
    """Sends chunks to an engine with a queue and waits for them.

    The ledger knows of a job before it is sent. What a crash or a lost reply leaves open is looked up
    by the job's tag before anything is sent again.
    """

    def __init__(
        self,
        engine: QueuedEngine,
        ledger: Ledger,
        *,
        patience: Patience,
        max_qpu_seconds: float,
        on_wait: Callable[[str], None],
    ) -> None:
        """Make a queue.

        Args:
            engine: Where jobs are sent.
            ledger: Where they are written down.
            patience: How long to wait.
            max_qpu_seconds: What the whole run may spend.
            on_wait: Told in a few words what is being waited for.
        """
        self._engine = engine
        self._ledger = ledger
        self._patience = patience
        self._budget = max_qpu_seconds
        self._on_wait = on_wait

    def execute(self, chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, Spikes]]:
        """Run chunks; all that come back are yielded before a failure is raised.

        Raises:
            JobError: If a chunk failed for good, or the run was cancelled.
            BudgetError: If the run would go beyond its budget.
            BackendError: If the service refused or cannot be reached.
        """
        tries = dict.fromkeys((chunk.digest for chunk in chunks), 1)
        outstanding: dict[str, tuple[Chunk, Attempt]] = {}
        trouble: list[JobError | BudgetError] = []
        to_send = list(chunks)
        polls = self._patience.polls()
        while to_send or outstanding:
            self._heed_stop()
            for chunk in to_send:
                try:
                    job_id, attempt = self._send(chunk)
                except BudgetError as error:
                    trouble.append(error)
                    break
                outstanding[job_id] = chunk, attempt
            to_send = []
            again = False
            for job_id, (chunk, attempt) in list(outstanding.items()):
                report = self._patiently(lambda job_id=job_id: self._engine.report(job_id))  # type: ignore[misc]
                self._ledger.observed(attempt.tag, report)
                if report.state in ("queued", "running"):
                    place = f", position {report.queue_position}" if report.queue_position else ""
                    self._on_wait(f"job {job_id} {report.state}{place}")
                    continue
                again = True
                del outstanding[job_id]
                reason = report.reason or f"job {job_id} was {report.state}"
                if report.state == "done":
                    try:
                        spikes = self._patiently(
                            lambda job_id=job_id, chunk=chunk: self._engine.fetch(job_id, chunk.table)  # type: ignore[misc]
                        )
                    except BadResultError as error:
                        reason = str(error)
                    else:
                        yield chunk, spikes
                        continue
                self._ledger.ended(
                    attempt.tag, "cancelled" if report.state == "cancelled" else "failed", reason
                )
                self._heed_stop()
                if tries[chunk.digest] < self._patience.attempts:
                    tries[chunk.digest] += 1
                    to_send.append(chunk)
                else:
                    trouble.append(
                        JobError(f"{chunk.stage} failed {tries[chunk.digest]} times, last: {reason}")
                    )
            if outstanding and not again and not to_send:
                time.sleep(next(polls))
        if trouble:
            raise trouble[0]

    def close(self) -> None:
        """Nothing to give back: an interrupted run finds its batch again."""

    def finish(self) -> None:
        """Close the batch, and ask for charges that were not known when their jobs ended.

        The run is complete without it, so a service that does not answer is told of and left alone.
        """
        try:
            for tag, job_id in self._ledger.uncharged():
                self._ledger.observed(tag, self._briefly(lambda job_id=job_id: self._engine.report(job_id)))  # type: ignore[misc]
            self._briefly(self._engine.close)
        except BackendError as error:
            self._on_wait(f"{error}; all results are there")

    def _send(self, chunk: Chunk) -> tuple[str, Attempt]:
        """Take up the chunk's job where the ledger left it, or send one."""
        last = self._ledger.last_attempt(chunk)
        if last is not None and last.state == "submitted":
            assert last.job_id is not None
            return last.job_id, last
        if last is not None and last.state == "intent":
            job_id = self._look_up(last)
            if job_id is not None:
                self._ledger.submitted(last.tag, job_id)
                return job_id, last
        else:
            cost = self._engine.cost(chunk.table.template, chunk.table.evaluations, chunk.table.shots)
            needed = cost.qpu_seconds or 0.0
            spent = self._ledger.spent()
            if spent + needed > self._budget:
                raise BudgetError(
                    f"{chunk.stage} needs {needed:.1f} QPU seconds by estimate, and {spent:.1f} of "
                    f"{self._budget:.1f} are spent: nothing more was sent; go on with a larger "
                    "--max-qpu-seconds"
                )
            last = self._ledger.begin(chunk, cost)
        job_id = self._submit(chunk, last)
        self._ledger.submitted(last.tag, job_id)
        keep_choices(self._ledger, self._engine)
        return job_id, last

    def _submit(self, chunk: Chunk, attempt: Attempt) -> str:
        start = time.monotonic()
        for wait in self._patience.waits():
            try:
                return self._engine.submit(chunk.table, attempt.tag)
            except TemporaryError as failure:
                if failure.may_have_arrived and (found := self._look_up(attempt)) is not None:
                    return found
                self._patience.rest(wait, start, self._patience.give_up, failure, self._on_wait, _STILL_THERE)
        raise AssertionError("waits never end")

    def _look_up(self, attempt: Attempt) -> str | None:
        """The job of an attempt that may have been sent; None once the grace period found none.

        The period starts now, whenever the attempt was made: clocks may have been set meanwhile.
        """
        until = time.monotonic() + self._patience.grace
        for wait in self._patience.waits():
            last_look = time.monotonic() >= until
            found = self._patiently(lambda: self._engine.find(attempt.tag))
            for extra in found[1:]:  # the service took one submission twice
                self._patiently(lambda extra=extra: self._engine.cancel(extra))  # type: ignore[misc]
            if found:
                return found[0]
            if last_look:
                return None
            self._on_wait("looking for a job that may have been sent")
            time.sleep(min(wait, max(until - time.monotonic(), 0.0)))
        raise AssertionError("waits never end")

    def _briefly(self, ask: Callable[[], Answer]) -> Answer:
        return self._patience.ask(ask, self._patience.first_contact, self._on_wait, "")

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        """Ask until there is an answer."""
        return self._patience.ask(ask, self._patience.give_up, self._on_wait, _STILL_THERE)

    def _heed_stop(self) -> None:
        if self._ledger.fact("stop"):
            raise JobError("the run was cancelled (sqsq cancel); it can be resumed")


def keep_choices(ledger: Ledger, engine: QueuedEngine) -> None:
    """Write down what an engine chose, if that is new."""
    name = f"choices {engine.name}"
    if ledger.fact(name) != engine.choices:
        ledger.remember(name, engine.choices)


def restore_choices(ledger: Ledger, engine: QueuedEngine) -> None:
    """Let an engine choose as it did before."""
    engine.choices = ledger.fact(f"choices {engine.name}") or {}
