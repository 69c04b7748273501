"""Chunks as queued jobs, each sent exactly once, whatever happens in between."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from sqsq.engines import BadResultError, JobReport, NoRoomError, QueuedEngine, TemporaryError
from sqsq.errors import BackendError, BudgetError, JobError
from sqsq.jobs.chunks import Chunk, run_tag
from sqsq.jobs.events import Charged, Note, Tell, Waiting
from sqsq.jobs.ledger import STOPPED, Attempt, Ledger
from sqsq.jobs.patience import Answer, Patience
from sqsq.jobs.spending import Spending
from sqsq.tables import Spikes

_STILL_THERE = "; jobs already sent go on, and resuming fetches them"


@dataclass(frozen=True)
class _Job:
    """A chunk that is out."""

    chunk: Chunk
    attempt: Attempt
    job_id: str


class JobQueue:
    """Sends chunks to an engine with a queue and waits for them.

    The ledger knows of a job before it is sent. What a crash or a lost reply leaves open is looked up
    by the job's tag before anything is sent again; so is, in a ledger that was opened again, whatever the
    ledger does not know of: it may be older than the run.
    """

    def __init__(
        self,
        engine: QueuedEngine,
        ledger: Ledger,
        *,
        run: str,
        patience: Patience,
        max_qpu_seconds: float,
        max_pending: int | None,
        tell: Tell,
    ) -> None:
        """Make a queue.

        Args:
            engine: Where jobs are sent.
            ledger: Where they are written down.
            run: What tells the run from all others.
            patience: How long to wait.
            max_qpu_seconds: What the whole run may spend.
            max_pending: How many jobs may be out at once; None for what the account may.
            tell: Told what happens.
        """
        self._engine = engine
        self._ledger = ledger
        self._run_tag = run_tag(run)
        self._patience = patience
        self._spending = Spending(engine, ledger, patience, max_qpu_seconds, tell)
        self._max_pending = max_pending
        self._tell = tell
        self._listed: list[str] | None = None
        """Jobs of the run that the ledger had lost; None before the service was asked."""
        self._refused: set[str] = set()
        """Tags of attempts that the service is known not to have taken."""

    def execute(self, chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, Spikes]]:
        """Run chunks; all that come back are yielded before a failure is raised.

        Raises:
            JobError: If a chunk failed for good, or the run was cancelled.
            BudgetError: If the run would go beyond its budget.
            BackendError: If the service refused or cannot be reached.
        """
        tries = dict.fromkeys((chunk.digest for chunk in chunks), 1)
        waiting = deque(chunk for chunk in chunks if not self._job_of(chunk))
        outstanding = [job for chunk in chunks if (job := self._job_of(chunk))]
        trouble: list[Exception] = []
        polls = self._patience.polls()
        while waiting or outstanding:
            self._heed_stop()
            sent = self._send_some(waiting, outstanding, trouble)
            ended = False
            for job in list(outstanding):
                report = self._report(job)
                if report.state in ("queued", "running"):
                    continue
                ended = True
                outstanding.remove(job)
                reason = report.reason or f"job {job.job_id} was {report.state}"
                if report.state == "done":
                    try:
                        spikes = self._fetch(job)
                    except BadResultError as error:
                        reason = str(error)
                    else:
                        yield job.chunk, spikes
                        continue
                self._ledger.ended(
                    job.attempt.tag, "cancelled" if report.state == "cancelled" else "failed", reason
                )
                self._heed_stop()
                failure = self._failure(job, report, reason, tries[job.chunk.digest])
                if failure is None:
                    tries[job.chunk.digest] += 1
                    waiting.append(job.chunk)
                else:
                    trouble.append(failure)
                    if report.remedy is not None:  # the others are like it
                        waiting.clear()
            if (waiting or outstanding) and not ended and not sent:
                time.sleep(next(polls))
        if trouble:
            raise trouble[0]

    def close(self) -> None:
        """Nothing to give back: an interrupted run finds its batch again."""

    def finish(self) -> None:
        """Close the batch, ask for charges that were not known, and tell of jobs that nothing claims.

        The run is complete without it, so a service that does not answer is told of and left alone.
        """
        try:
            self._spending.ask_for_charges()
            self._tell_of_unclaimed()
            self._briefly(self._engine.close)
        except BackendError as error:
            self._on_wait(f"{error}; all results are there")

    def _job_of(self, chunk: Chunk) -> _Job | None:
        """The job that a chunk has, as far as the ledger knows."""
        last = self._ledger.last_attempt(chunk)
        if last is None or last.state != "submitted":
            return None
        assert last.job_id is not None
        return _Job(chunk, last, last.job_id)

    def _send_some(self, waiting: deque[Chunk], outstanding: list[_Job], trouble: list[Exception]) -> bool:
        """Send as many chunks as there is room for; returns whether any was.

        After what makes sending pointless nothing more is sent, and what is out is still waited for.
        """
        sent = False
        if waiting and self._max_pending is None:
            self._max_pending = self._most_pending()
        while waiting and len(outstanding) < (self._max_pending or 1):
            self._heed_stop()
            try:
                outstanding.append(self._send(waiting[0]))
            except NoRoomError as error:
                self._on_wait(f"waiting for room: {error}")
                break
            except (BudgetError, BackendError) as error:
                trouble.append(error)
                waiting.clear()
                break
            waiting.popleft()
            sent = True
        return sent

    def _most_pending(self) -> int:
        found = self._patiently(self._engine.most_pending)
        return _MANY if found is None else found

    def _report(self, job: _Job) -> JobReport:
        """How a job stands, written down; one that the service does not know is looked for a while."""
        until = time.monotonic() + self._patience.grace
        for wait in self._patience.waits():
            report = self._patiently(partial(self._engine.report, job.job_id))
            if report.state != "gone" or time.monotonic() >= until:
                break
            self._on_wait(f"looking for job {job.job_id}, which the service does not find")
            time.sleep(min(wait, max(until - time.monotonic(), 0.0)))
        self._ledger.observed(job.attempt.tag, report)
        if report.charged is not None:
            self._tell(Charged(job.job_id, report.charged))
        if report.state in ("queued", "running"):
            place = f", position {report.queue_position}" if report.queue_position else ""
            self._on_wait(f"job {job.job_id} {report.state}{place}")
        return report

    def _fetch(self, job: _Job) -> Spikes:
        """The result of a job; one that was read and is wrong is read a second time.

        Raises:
            BadResultError: If it is wrong twice.
        """
        try:
            return self._patiently(lambda: self._engine.fetch(job.job_id, job.chunk.table))
        except BadResultError:
            time.sleep(self._patience.first_wait)
            return self._patiently(lambda: self._engine.fetch(job.job_id, job.chunk.table))

    def _failure(self, job: _Job, report: JobReport, reason: str, tries: int) -> JobError | None:
        """Why a chunk is not to be sent again by itself; None where it is."""
        stage = job.chunk.stage
        if report.remedy is not None:
            return JobError(f"{stage} failed: {reason}; unchanged it would fail again: {report.remedy}")
        if report.by_somebody:
            return JobError(
                f"job {job.job_id} of {stage} was cancelled, and not by this run ({reason}): nothing was "
                "sent in its place; sqsq resume sends it again"
            )
        if tries >= self._patience.attempts:
            return JobError(f"{stage} failed {tries} times, last: {reason}")
        if report.state == "gone":
            self._on_note(f"{reason}: {stage} is sent again")
        return None

    def _send(self, chunk: Chunk) -> _Job:
        """Take up the chunk's job where the ledger left it, or send one."""
        last = self._ledger.last_attempt(chunk)
        table = chunk.table
        if last is not None and last.state == "intent":
            if last.tag not in self._refused and (found := self._look_up(last)):
                self._ledger.submitted(last.tag, found)
                return _Job(chunk, last, found)
        else:
            tag = chunk.tag(1 if last is None else last.attempt + 1)
            found = self._unknown_job(tag) if self._ledger.reopened else None
            of_rows = (table.template, table.evaluations)
            cost = self._patiently(lambda: self._engine.cost(*of_rows, table.shots))
            if found is None:
                self._spending.check(chunk.stage, cost)
                self._patiently(lambda: self._engine.check_unchanged(*of_rows))
            keep_choices(self._ledger, self._engine)  # what was decided is known before anything is begun
            last = self._ledger.begin(chunk, cost)
            if found is not None:
                self._ledger.submitted(tag, found)
                self._on_note(
                    f"job {found} of {chunk.stage} was sent before, unknown to the ledger: taken up"
                )
                return _Job(chunk, last, found)
        job_id = self._submit(chunk, last)
        self._ledger.submitted(last.tag, job_id)
        keep_choices(self._ledger, self._engine)
        return _Job(chunk, last, job_id)

    def _submit(self, chunk: Chunk, attempt: Attempt) -> str:
        start = time.monotonic()
        for wait in self._patience.waits():
            self._heed_stop()
            try:
                return self._engine.submit(chunk.table, attempt.tag, self._run_tag)
            except NoRoomError:
                self._refused.add(attempt.tag)
                raise
            except TemporaryError as failure:
                if failure.may_have_arrived and (found := self._look_up(attempt)) is not None:
                    return found
                self._patience.rest(wait, start, self._patience.give_up, failure, self._on_wait, _STILL_THERE)
        raise AssertionError("waits never end")

    def _unknown_job(self, tag: str) -> str | None:
        """The job that was sent under a tag and that the ledger has lost, if there is one.

        Jobs are listed once, so the first look-up costs one request; so does each of the later ones, for
        another copy of the run may be sending.
        """
        if self._listed is not None:
            return next(iter(self._patiently(lambda: self._engine.find(tag))), None)
        listed = self._patiently(lambda: self._engine.tags_of_jobs(self._run_tag))
        self._listed = [job_id for job_id in listed if job_id not in self._ledger.job_ids()]
        for job_id in self._listed:
            self._spending.count_lost(job_id, self._patiently(partial(self._engine.report, job_id)))
        found = (job_id for job_id in self._listed if tag in listed[job_id])
        return next((job_id for job_id in found if not self._spending.is_cancelled(job_id)), None)

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

    def _tell_of_unclaimed(self) -> None:
        """Tell of jobs of the run that no chunk claims, such as those with a former circuit."""
        for tag, job_id in self._ledger.unfinished():
            reason = "no chunk of the run claims it any more"
            self._ledger.ended(tag, "failed", reason)
            self._on_note(f"job {job_id or 'of ' + tag}: {reason}; what it was charged counts")
        if self._ledger.reopened:
            for job_id in self._briefly(lambda: self._engine.tags_of_jobs(self._run_tag)):
                if job_id not in self._ledger.job_ids():
                    self._on_note(f"job {job_id} carries the tag of this run, which does not know it")

    def _briefly(self, ask: Callable[[], Answer]) -> Answer:
        return self._patience.ask(ask, self._patience.first_contact, self._on_wait, "")

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        """Ask until there is an answer."""
        return self._patience.ask(ask, self._patience.give_up, self._on_wait, _STILL_THERE)

    def _on_wait(self, words: str) -> None:
        self._tell(Waiting(words))

    def _on_note(self, words: str) -> None:
        self._tell(Note(words))

    def _heed_stop(self) -> None:
        if self._ledger.fact("stop"):
            raise JobError(STOPPED)


_MANY = 1_000
"""Jobs out at once where the account has no limit that is known."""


def keep_choices(ledger: Ledger, engine: QueuedEngine) -> None:
    """Write down what an engine chose, if that is new."""
    name = f"choices {engine.name}"
    if ledger.fact(name) != engine.choices:
        ledger.remember(name, engine.choices)


def restore_choices(ledger: Ledger, engine: QueuedEngine) -> None:
    """Let an engine choose as it did before."""
    engine.choices = ledger.fact(f"choices {engine.name}") or {}
