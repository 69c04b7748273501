"""The ledger: a SQLite file that knows of every chunk whether it was sent, and what came back."""

import hashlib
import json
import os
import socket
import time
import zlib
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from sqsq.engines import Cost, JobReport
from sqsq.errors import JobError
from sqsq.jobs.chunks import Chunk
from sqsq.jobs.sealed_file import SealedFile
from sqsq.tables import Spikes

STOPPED = "the run was cancelled (sqsq cancel); it can be resumed"
AttemptState = Literal["intent", "submitted", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class Attempt:
    """One try at a chunk.

    Attributes:
        attempt: Which one, from 1.
        tag: The tag of its job.
        state: How far it got.
        since: When the intent was written, seconds since 1970.
        job_id: The job, once known.
    """

    attempt: int
    tag: str
    state: AttemptState
    since: float
    job_id: str | None


@dataclass(frozen=True)
class Totals:
    """What the ledger adds up to.

    Attributes:
        chunks: Chunks by state: done, or that of their last attempt.
        circuits: Circuits, after binding, of chunks that are done.
        executions: Their executions.
        estimated: Estimated QPU seconds of all jobs sent.
        charged: QPU seconds charged for those whose charge is known.
        estimated_of_charged: Estimated QPU seconds of those alone.
        queue_position: The smallest place in the queue last seen, or None.
        last_reason: Why the last attempt failed that did, or None.
    """

    chunks: dict[str, int]
    circuits: int
    executions: int
    estimated: float
    charged: float
    estimated_of_charged: float
    queue_position: int | None
    last_reason: str | None


class Ledger(SealedFile):
    """What was sent and what came back. One process writes, any number read meanwhile."""

    def spikes(self, chunk: Chunk) -> Spikes | None:
        """The stored result of a chunk, or None.

        Raises:
            JobError: If it does not match its checksum.
        """
        row = self._one("SELECT result, checksum FROM chunks WHERE digest = ? AND done", chunk.digest)
        if row is None or row[0] is None:
            return None
        damaged = JobError(f"{self._path}: the stored result of {chunk.stage} is damaged")
        if hashlib.sha256(row[0]).digest() != row[1]:
            raise damaged
        shape = chunk.table.spikes_shape
        bits = np.frombuffer(zlib.decompress(row[0]), np.uint8)
        if len(bits) != -(-int(np.prod(shape)) // 8):
            raise damaged
        return np.unpackbits(bits, count=int(np.prod(shape))).reshape(shape)

    def last_attempt(self, chunk: Chunk) -> Attempt | None:
        """The newest try at a chunk, or None."""
        row = self._one(
            "SELECT attempt, tag, state, since, job_id FROM attempts WHERE digest = ? "
            "ORDER BY attempt DESC LIMIT 1",
            chunk.digest,
        )
        return None if row is None else Attempt(*row)

    def begin(self, chunk: Chunk, cost: Cost) -> Attempt:
        """Write the intent to run a chunk, before anything is sent.

        Raises:
            JobError: If the run is to stop: nothing is begun any more.
        """
        with self._transaction():
            if self.fact("stop"):
                raise JobError(STOPPED)
            last = self.last_attempt(chunk)
            attempt = 1 if last is None else last.attempt + 1
            tag, now = chunk.tag(attempt), time.time()
            self._run(
                "INSERT OR IGNORE INTO chunks (digest, stage, first_row, evaluations, circuits, executions) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                chunk.digest,
                chunk.stage,
                chunk.rows.start,
                cost.evaluations,
                cost.circuits,
                cost.executions,
            )
            self._run(
                "INSERT INTO attempts (digest, attempt, tag, state, since, estimated) "
                "VALUES (?, ?, ?, 'intent', ?, ?)",
                chunk.digest,
                attempt,
                tag,
                now,
                cost.qpu_seconds,
            )
            self._seal("chunks", "digest = ?", chunk.digest)
            self._seal("attempts", "tag = ?", tag)
        return Attempt(attempt, tag, "intent", now, None)

    def submitted(self, tag: str, job_id: str) -> None:
        """Write down the job of an attempt."""
        with self._transaction():
            self._run("UPDATE attempts SET state = 'submitted', job_id = ? WHERE tag = ?", job_id, tag)
            self._seal("attempts", "tag = ?", tag)

    def observed(self, tag: str, report: JobReport) -> None:
        """Write down how a job stands."""
        with self._transaction():
            self._run(
                "UPDATE attempts SET job_state = ?, queue_position = ?, charged = coalesce(?, charged) "
                "WHERE tag = ?",
                report.state,
                report.queue_position,
                report.charged,
                tag,
            )
            self._seal("attempts", "tag = ?", tag)

    def ended(self, tag: str, state: AttemptState, reason: str, job_id: str | None = None) -> None:
        """Write down that an attempt came to nothing, and its job where that was not known."""
        with self._transaction():
            self._run(
                "UPDATE attempts SET state = ?, reason = ?, queue_position = NULL, "
                "job_id = coalesce(?, job_id) WHERE tag = ?",
                state,
                reason,
                job_id,
                tag,
            )
            self._seal("attempts", "tag = ?", tag)

    def done(self, chunk: Chunk, spikes: Spikes) -> None:
        """Store the result of a chunk: one bit a spike, with a checksum."""
        packed = zlib.compress(np.packbits(spikes).tobytes(), 1)
        with self._transaction():
            self._run(
                "UPDATE chunks SET done = 1, result = ?, checksum = ? WHERE digest = ?",
                packed,
                hashlib.sha256(packed).digest(),
                chunk.digest,
            )
            self._run(
                "UPDATE attempts SET state = 'done', queue_position = NULL WHERE digest = ? AND attempt = "
                "(SELECT max(attempt) FROM attempts WHERE digest = ?)",
                chunk.digest,
                chunk.digest,
            )
            self._seal("chunks", "digest = ?", chunk.digest)
            self._seal("attempts", "digest = ?", chunk.digest)

    def drop_results(self) -> None:
        """Forget the spikes of chunks that are done: a checkpoint has passed them."""
        with self._transaction():
            dropped = self._run("SELECT digest FROM chunks WHERE result IS NOT NULL").fetchall()
            self._run("UPDATE chunks SET result = NULL, checksum = NULL WHERE result IS NOT NULL")
            for (digest,) in dropped:
                self._seal("chunks", "digest = ?", digest)

    def unfinished(self) -> list[tuple[str, str | None]]:
        """Tag and job of every attempt at a job that was begun and has not ended."""
        rows = self._run(  # what simulators run has no estimate
            "SELECT tag, job_id FROM attempts "
            "WHERE state IN ('intent', 'submitted') AND estimated IS NOT NULL"
        )
        return [(str(tag), job_id) for tag, job_id in rows]

    def uncharged(self) -> list[tuple[str, str]]:
        """Tag and job of every attempt that ended and whose charge is not known."""
        rows = self._run(
            "SELECT tag, job_id FROM attempts WHERE job_id IS NOT NULL AND charged IS NULL "
            "AND state IN ('done', 'failed', 'cancelled') AND job_state IS NOT 'gone'"
        )
        return [(str(tag), str(job_id)) for tag, job_id in rows]

    def job_ids(self) -> set[str]:
        """Every job that is known."""
        return {str(row[0]) for row in self._run("SELECT job_id FROM attempts WHERE job_id IS NOT NULL")}

    def knows_charges(self) -> bool:
        """Whether the charge of any job is known."""
        return self._one("SELECT 1 FROM attempts WHERE charged IS NOT NULL LIMIT 1") is not None

    def spent(self) -> float:
        """QPU seconds of all jobs sent: what was charged, or else the estimate, whatever became of the job.

        Where jobs were charged more than their estimates, so much more is taken to come.
        """
        known = self._one(
            "SELECT max(charged / estimated) FROM attempts WHERE charged IS NOT NULL AND estimated > 0"
        )
        row = self._one(
            "SELECT total(coalesce(charged, estimated * ?)) FROM attempts "
            "WHERE job_id IS NOT NULL OR state = 'intent'",
            max(1.0, float(known[0] or 0.0)),
        )
        return float(row[0])

    def totals(self) -> Totals:
        """Add everything up."""
        states = self._run(
            "SELECT CASE WHEN c.done THEN 'done' ELSE (SELECT state FROM attempts a WHERE "
            "a.digest = c.digest "
            "ORDER BY attempt DESC LIMIT 1) END AS now, count(*) FROM chunks c GROUP BY now"
        )
        done = self._one("SELECT total(circuits), total(executions) FROM chunks WHERE done")
        money = self._one(
            "SELECT total(CASE WHEN job_id IS NOT NULL THEN estimated END), total(charged), "
            "total(CASE WHEN charged IS NOT NULL THEN estimated END), "
            "min(CASE WHEN state = 'submitted' THEN queue_position END) FROM attempts"
        )
        reason = self._one(
            "SELECT reason FROM attempts WHERE reason IS NOT NULL ORDER BY number DESC LIMIT 1"
        )
        assert done is not None
        assert money is not None
        return Totals(
            dict(states.fetchall()),
            int(done[0]),
            int(done[1]),
            float(money[0]),
            float(money[1]),
            float(money[2]),
            money[3],
            None if reason is None else reason[0],
        )

    def check_belongs(self, run: str, settings: dict[str, Any]) -> None:
        """Check that this is the ledger of a run with these settings; a new ledger takes them on.

        Raises:
            JobError: If it is another run's, or the settings were edited since.
        """
        settings = json.loads(json.dumps(settings))
        known = self.fact("run")
        if known is None:
            self.remember("run", [run, settings])
            return
        if known[0] != run:
            raise JobError(f"{self._path} belongs to another run: it was copied here, or config.json was")
        for name, value in known[1].items():
            if _lasting(settings.get(name)) != _lasting(value):
                raise JobError(
                    f"{self._path.parent / 'config.json'} was edited: the run began with {name} {value}, not "
                    f"{settings.get(name)}; put it back to go on"
                )

    def copied_from(self) -> str | None:
        """Where the file was written last, if this one is a copy of it or a backup; and that it is here now.

        A file that was moved is still the same.
        """
        found = self._path.stat()
        here = [socket.gethostname(), found.st_dev, found.st_ino]
        before = self.fact("place")
        place = [*here, str(self._path.parent.resolve())]
        if before != place:
            self.remember("place", place)
        return None if before is None or before[:3] == here else str(before[3])

    def take_over(self) -> None:
        """Say that this process writes now, and that nobody has asked it to stop."""
        with self._transaction():
            self._run("DELETE FROM facts WHERE name = 'stop'")
        self.remember("writer", [os.getpid(), socket.gethostname()])

    def hand_back(self) -> None:
        """Say that nobody writes."""
        self.remember("writer", None)

    def has_writer(self) -> bool | None:
        """Whether a process writes; None where it is on another machine and cannot be asked."""
        writer = self.fact("writer")
        if writer is None:
            return False
        pid, host = writer
        if host != socket.gethostname():
            return None
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True


def _lasting(value: Any) -> Any:
    """All of a setting or a group of settings but where the data lie, which may change."""
    return {n: v for n, v in value.items() if n != "data_dir"} if isinstance(value, dict) else value
