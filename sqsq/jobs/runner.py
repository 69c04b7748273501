"""An engine that keeps a ledger: tables are cut into chunks, run anywhere, and put together again."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Protocol

import numpy as np

from sqsq.engines import Cost, Engine, QueuedEngine
from sqsq.errors import JobError
from sqsq.jobs.chunks import Chunk, chunk_digest, cut_table, digest_with, groups_by_chunk
from sqsq.jobs.drive import exact_answers
from sqsq.jobs.events import ChunkDone, Tell, Waiting, tell_nobody
from sqsq.jobs.ledger import STOPPED, Ledger
from sqsq.jobs.patience import Answer, Patience
from sqsq.tables import EvaluationTable, RowGroups, ScoreRequest, Scores, Spikes, Table, Template


class Executor(Protocol):
    """Runs chunks somewhere."""

    def execute(self, chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, Spikes]]:
        """Yield each chunk with its spikes, in any order."""

    def finish(self) -> None:
        """Called once all is done."""

    def close(self) -> None:
        """Give back what it holds, however things went."""


class TableRunner:
    """Runs tables chunk by chunk; what the ledger has is not run again.

    How tables are cut depends on the template, the shots and ``job_seconds`` alone, so a run gives the
    same spikes in one process, in many, or in pieces.
    """

    def __init__(
        self,
        engine: Engine | QueuedEngine,
        executor: Executor,
        *,
        job_seconds: float,
        identity: str = "",
        ledger: Ledger | None = None,
        run: str = "",
        patience: Patience | None = None,
        tell: Tell = tell_nobody,
    ) -> None:
        """Run tables.

        Args:
            engine: Knows templates, and what fits into a chunk.
            executor: Where chunks run.
            job_seconds: How long a chunk should take at most, by estimate.
            identity: What tells a simulator's results from others: its name and seed.
            ledger: Where chunks are written down, or None.
            run: What tells this run from all others.
            patience: How long to wait for a device that is asked how it is.
            tell: Told when it is asked again, and of each chunk that came back.
        """
        self._engine = engine
        self._executor = executor
        self._job_seconds = job_seconds
        self._identity = identity
        self._ledger = ledger
        self._run = run
        self._patience = patience or Patience()
        self._tell = tell

    @property
    def name(self) -> str:
        """The name of the backend."""
        return self._engine.name

    def prepare(self, template: Template) -> None:
        """Compile a template; see ``Engine.prepare``."""
        self._patiently(partial(self._engine.prepare, template))

    def rows_per_chunk(self, table: Table, seconds: float) -> int:
        """See ``Engine.rows_per_chunk``."""
        if isinstance(self._engine, QueuedEngine):
            return self._patiently(partial(self._engine.rows_per_job, table.template, table.shots, seconds))
        return self._engine.rows_per_chunk(table, seconds)

    def groups_of(self, table: EvaluationTable) -> RowGroups:
        """See ``Engine.groups_of``: chunk by chunk, as the table is cut."""
        size = self.rows_per_chunk(table, self._job_seconds)
        return groups_by_chunk(
            table, size, lambda part: self._patiently(partial(self._engine.groups_of, part))
        )

    def score(self, request: ScoreRequest) -> Scores:
        """Exact answers, where the engine has them; see ``ExactAnswers``."""
        return exact_answers(self._engine).score(request)

    def run(self, table: Table) -> Spikes:
        """Run a table; see ``Engine.run``.

        Raises:
            JobError: If a chunk failed for good, the run was cancelled, or the ledger is damaged.
            BudgetError: If the run would go beyond its budget.
            BackendError: If the backend failed.
        """
        spikes = np.empty(table.spikes_shape, np.uint8)
        missing = []
        for chunk in self._chunks(table):
            stored = None if self._ledger is None else self._ledger.spikes(chunk)
            if stored is None:
                missing.append(chunk)
            else:
                spikes[chunk.rows] = stored
        if self._ledger is not None and not isinstance(self._engine, QueuedEngine):
            self._begin(missing, self._ledger)
        for chunk, found in self._executor.execute(missing):
            if self._ledger is not None:
                self._ledger.done(chunk, found)
            spikes[chunk.rows] = found
            rows = chunk.table.evaluations
            self._tell(ChunkDone(chunk.stage, rows, rows * chunk.table.shots))
        return spikes

    def finish(self) -> None:
        """Say that no more tables will come."""
        self._executor.finish()

    def close(self) -> None:
        """Give back workers, however things went."""
        self._executor.close()

    def _chunks(self, table: Table) -> Iterator[Chunk]:
        size = self.rows_per_chunk(table, self._job_seconds)
        for rows, part in cut_table(table, size):
            if isinstance(self._engine, QueuedEngine):
                identity = self._patiently(partial(self._engine.identity, part.template, part.evaluations))
                yield Chunk(part, rows, digest_with(self._run, identity, part))
            else:
                yield Chunk(part, rows, chunk_digest(self._run, self._identity, part))

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        """Ask a device until there is an answer."""
        return self._patience.ask(ask, self._patience.give_up, lambda words: self._tell(Waiting(words)), "")

    def _begin(self, chunks: list[Chunk], ledger: Ledger) -> None:
        """A simulator's chunks need no tag, only an entry: running one again changes nothing."""
        if ledger.fact("stop"):
            raise JobError(STOPPED)
        for chunk in chunks:
            last = ledger.last_attempt(chunk)
            if last is None or last.state != "intent":
                rows = chunk.table.evaluations
                ledger.begin(chunk, Cost(1, rows, rows * chunk.table.shots, rows, None, None))
