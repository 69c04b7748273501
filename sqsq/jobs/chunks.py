"""Tables cut into chunks: what one job runs, and what tells it from every other."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sqsq.tables import EvaluationTable, RowGroups, Table


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some rows of a table.

    Attributes:
        table: Those rows as a table of their own.
        rows: Where they stand in the whole table.
        digest: SHA-256 of the canonical content: the run, what the table is for, the rows, the
            instructions with their qubit indices, the parameters, their values, and the shots.
    """

    table: Table
    rows: slice
    digest: bytes

    @property
    def stage(self) -> str:
        """What it is for, such as ``iteration 3 gradient 1``."""
        return " ".join(map(str, self.table.key))

    def tag(self, attempt: int) -> str:
        """The tag of the job that makes so manyeth an attempt at it; no other job has it."""
        return f"sqsq-{self.digest.hex()[:24]}-{attempt}"


def cut_table(table: Table, size: int) -> list[tuple[slice, Table]]:
    """Cut a table into parts of at most so many rows, in order; an empty table has none."""
    if table.evaluations <= size:
        return [(slice(0, table.evaluations), table)] if table.evaluations else []
    parts: list[tuple[slice, Table]] = []
    for first in range(0, table.evaluations, size):
        rows = slice(first, min(first + size, table.evaluations))
        key = (*table.key, "rows", first)  # equal rows elsewhere in the table are drawn afresh
        parts.append((rows, table.part(rows, key)))
    return parts


def groups_by_chunk(
    table: EvaluationTable, size: int, groups_of: Callable[[EvaluationTable], RowGroups]
) -> RowGroups:
    """Which group of qubits runs each row of a table that is cut into parts of at most so many rows."""
    starts = range(0, max(table.evaluations, 1), size)
    parts = [groups_of(table.part(slice(first, first + size), table.key)) for first in starts]
    return RowGroups(np.concatenate([part.of_row for part in parts]), parts[0].count)


def chunk_digest(run: str, instructions: str, table: Table) -> bytes:
    """The identity of a chunk.

    Args:
        run: What tells the run from all others.
        instructions: What runs, simulator and seed.
        table: The rows, with what they are for.
    """
    return digest_with(run, hashlib.sha256(instructions.encode()).hexdigest(), table)


def digest_with(run: str, identity: str, table: Table) -> bytes:
    """The same, of instructions that are known by a digest of their canonical text: circuit and qubits."""
    head = json.dumps([run, identity])
    return hashlib.sha256(head.encode() + table.digest).digest()


def run_tag(run: str) -> str:
    """The tag that all jobs of a run carry."""
    return f"sqsq-run-{hashlib.sha256(run.encode()).hexdigest()[:16]}"
