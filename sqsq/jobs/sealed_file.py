"""The file of a ledger: SQLite, rows with seals, whole or refused."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqsq.errors import JobError

VERSION = 2
"""Of the tables below; a file of version 1, whose rows have no seals, gets them, others are refused."""

_TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL, seal BLOB);
CREATE TABLE chunks (
    digest BLOB PRIMARY KEY, stage TEXT NOT NULL, first_row INTEGER NOT NULL, evaluations INTEGER NOT NULL,
    circuits INTEGER NOT NULL, executions INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0,
    result BLOB, checksum BLOB, seal BLOB
);
CREATE TABLE attempts (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL REFERENCES chunks, attempt INTEGER NOT NULL,
    tag TEXT NOT NULL UNIQUE, state TEXT NOT NULL, since REAL NOT NULL, job_id TEXT, job_state TEXT,
    queue_position INTEGER, reason TEXT, estimated REAL, charged REAL, seal BLOB, UNIQUE (digest, attempt)
);
CREATE INDEX attempts_by_state ON attempts (state);
"""
_SEALED = {
    "facts": "name, value",
    "chunks": "digest, stage, first_row, evaluations, circuits, executions, done, checksum, result IS NULL",
    "attempts": "number, digest, attempt, tag, state, since, job_id, job_state, queue_position, reason, "
    "estimated, charged",
}
"""What the seal of a row is a digest of: a row that something else wrote, or a flipped bit, is noticed."""


class SealedFile:
    """The open file. One process writes (it holds the run's lock), any number read meanwhile."""

    def __init__(self, path: Path, *, durable: bool = True, read_only: bool = False) -> None:
        """Open a ledger, or make one.

        Args:
            path: The file.
            durable: Whether every entry survives a power cut, not only a crash of the process.
            read_only: Open an existing one for reading.

        Raises:
            JobError: If it is damaged or of a version that this sqsq cannot read.
        """
        self._path = path
        self._reopened = path.exists()
        try:
            # no transaction is left open between statements; as_uri quotes what a URI would misread
            where = f"{path.resolve().as_uri()}?mode={'ro' if read_only else 'rwc'}"
            self._database = sqlite3.connect(where, uri=True, isolation_level=None, timeout=30)
        except sqlite3.OperationalError as error:
            raise JobError(f"{path} cannot be opened: {_words(error)}") from error
        try:
            self._database.create_function("row_seal", -1, _row_seal, deterministic=True)
            with self._explained():
                if not read_only:
                    self._database.execute("PRAGMA journal_mode = WAL")
                    self._database.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._check_version(read_only)
                self._check_whole()
        except BaseException:
            self._database.close()
            raise

    @property
    def reopened(self) -> bool:
        """Whether it was there before: what it lacks may have been sent all the same."""
        return self._reopened

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def fact(self, name: str) -> Any:
        """A remembered JSON value, or None."""
        row = self._one("SELECT value FROM facts WHERE name = ?", name)
        return None if row is None else json.loads(row[0])

    def remember(self, name: str, value: Any) -> None:
        """Remember a JSON value under a name."""
        with self._transaction():
            self._run("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", name, json.dumps(value))
            self._seal("facts", "name = ?", name)

    def _check_version(self, read_only: bool) -> None:
        (version,) = self._database.execute("PRAGMA user_version").fetchone()
        tables = self._database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if version == 0 and not tables and not read_only:
            with self._transaction():
                for statement in _TABLES.split(";\n"):
                    self._database.execute(statement)
                self._database.execute(f"PRAGMA user_version = {VERSION}")
        elif version == 1 and not read_only:
            with self._transaction():
                for table in _SEALED:
                    self._database.execute(f"ALTER TABLE {table} ADD COLUMN seal BLOB")
                    self._seal(table, "1")
                self._database.execute(f"PRAGMA user_version = {VERSION}")
        elif version not in (1, VERSION):
            raise JobError(
                f"{self._path} is a ledger of version {version}: this sqsq reads version 1 or {VERSION}; "
                "use the sqsq that wrote it (config.json says which)"
            )

    def _check_whole(self) -> None:
        """Check every row against its seal, and that none is missing.

        Raises:
            JobError: If something else than a ledger wrote it, or bits have flipped.
        """
        with self._transaction("BEGIN"):  # one moment: another process may write
            problem = self._one("PRAGMA integrity_check(1)")[0]
            if problem != "ok":
                raise JobError(f"{self._path} is damaged: {_words(problem)}")
            if self._one("PRAGMA user_version")[0] == VERSION:
                for table, columns in _SEALED.items():
                    wrong = self._one(
                        f"SELECT count(*) FROM {table} WHERE seal IS NOT row_seal('{table}', {columns})"
                    )[0]
                    if wrong:
                        raise JobError(f"{self._path} is damaged: {wrong} of its {table} were changed")
            numbers = self._one("SELECT count(*), coalesce(max(number), 0) FROM attempts")
            told = self._one("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'attempts'")[0]
            digests = self._one(
                "SELECT (SELECT count(*) FROM chunks), count(*), "
                "(SELECT count(DISTINCT digest) FROM attempts) "
                "FROM chunks WHERE digest IN (SELECT digest FROM attempts)"
            )
            if {*numbers, told} != {numbers[0]} or len(set(digests)) > 1:
                raise JobError(f"{self._path} is damaged: entries are missing")

    def _seal(self, table: str, where: str, *values: Any) -> None:
        """Seal the rows that were just written."""
        seal = f"row_seal('{table}', {_SEALED[table]})"
        self._run(f"UPDATE {table} SET seal = {seal} WHERE {where}", *values)

    def _run(self, statement: str, *values: Any) -> sqlite3.Cursor:
        with self._explained():
            return self._database.execute(statement, values)

    def _one(self, statement: str, *values: Any) -> Any:
        with self._explained():
            return self._database.execute(statement, values).fetchone()

    @contextmanager
    def _transaction(self, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
        """All or nothing."""
        self._run(begin)
        try:
            yield
        except BaseException:
            self._run("ROLLBACK")
            raise
        self._run("COMMIT")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise JobError(f"{self._path} cannot be used: {_words(error)}") from error
        except (sqlite3.Error, ValueError, OverflowError) as error:  # text that is none, numbers beyond any
            raise JobError(f"{self._path} is damaged: {_words(error)}") from error


def _row_seal(*values: Any) -> bytes:
    """A digest of a table's name and the values of a row."""
    return hashlib.sha256(repr(values).encode()).digest()[:8]


def _words(problem: object) -> str:
    """What SQLite says, on one line: it may quote whole statements."""
    return " ".join(str(problem).split())[:200]
