"""The ledger: what is written stays, what is damaged is told."""

import sqlite3

import numpy as np
import pytest

from sqsq.engines import Cost, JobReport
from sqsq.errors import JobError
from sqsq.jobs import Ledger
from sqsq.jobs.chunks import Chunk, chunk_digest, cut_table
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, Template

COST = Cost(1, 2, 10, 4, 2.5, 1e-5)


def make_table(rows=4, shots=5, key=("iteration", 0), seed=0):
    template = Template(Neuron(), 3)
    phi = np.random.default_rng(seed).uniform(0, 3, (rows, *template.phi_shape))
    return EvaluationTable(template, phi, np.zeros((rows, *template.theta_shape)), shots, key)


def make_chunk(table=None, run="run", instructions="circuit"):
    table = table or make_table()
    return Chunk(table, slice(0, table.evaluations), chunk_digest(run, instructions, table))


def spikes_of(chunk, seed=0):
    return np.random.default_rng(seed).integers(0, 2, chunk.table.spikes_shape, dtype=np.uint8)


def test_results_are_stored_a_bit_a_spike(tmp_path):
    chunk = make_chunk()
    spikes = spikes_of(chunk)
    ledger = Ledger(tmp_path / "ledger.sqlite")
    assert ledger.spikes(chunk) is None
    attempt = ledger.begin(chunk, COST)
    ledger.submitted(attempt.tag, "job")
    ledger.done(chunk, spikes)
    ledger.close()
    again = Ledger(tmp_path / "ledger.sqlite", read_only=True)
    assert (again.spikes(chunk) == spikes).all()
    assert again.totals().chunks == {"done": 1}


def test_the_life_of_a_chunk(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    chunk = make_chunk()
    first = ledger.begin(chunk, COST)
    assert ledger.unfinished() == [(first.tag, None)]
    assert ledger.totals().chunks == {"intent": 1}
    assert ledger.spent() == 2.5  # what may have been sent counts
    ledger.submitted(first.tag, "job 1")
    ledger.observed(first.tag, JobReport("queued", queue_position=4))
    assert ledger.totals().queue_position == 4
    ledger.observed(first.tag, JobReport("failed", "bad weather", charged=0.5))
    ledger.ended(first.tag, "failed", "bad weather")
    assert ledger.spent() == 0.5
    assert ledger.totals().last_reason == "bad weather"
    second = ledger.begin(chunk, COST)
    assert (second.attempt, second.tag != first.tag) == (2, True)
    ledger.submitted(second.tag, "job 2")
    ledger.observed(second.tag, JobReport("done", charged=4.0))
    ledger.done(chunk, spikes_of(chunk))
    totals = ledger.totals()
    assert totals.chunks == {"done": 1}
    assert (totals.circuits, totals.executions) == (2, 10)
    assert (totals.estimated, totals.charged) == (5.0, 4.5)
    assert ledger.unfinished() == []


@pytest.mark.parametrize(
    "other",
    [
        make_chunk(run="another"),
        make_chunk(instructions="another circuit"),
        make_chunk(make_table(shots=6)),
        make_chunk(make_table(key=("iteration", 1))),
        make_chunk(make_table(seed=1)),
        make_chunk(make_table(rows=3)),
    ],
)
def test_everything_that_matters_is_in_the_digest(other):
    assert other.digest != make_chunk().digest
    assert make_chunk().digest == make_chunk().digest


def test_equal_rows_in_different_chunks_are_different_chunks():
    table = make_table(2)
    doubled = EvaluationTable(
        table.template, np.tile(table.phi, (2, 1, 1)), np.tile(table.theta, (2, 1, 1)), table.shots, table.key
    )
    (_, first), (_, second) = cut_table(doubled, 2)
    assert (first.phi == second.phi).all()
    assert chunk_digest("", "", first) != chunk_digest("", "", second)


def test_tables_are_cut_whole():
    parts = cut_table(make_table(7), 3)
    assert [rows for rows, _ in parts] == [slice(0, 3), slice(3, 6), slice(6, 7)]
    assert cut_table(make_table(0), 3) == []


def test_a_damaged_result_is_told(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    chunk = make_chunk()
    ledger.begin(chunk, COST)
    ledger.done(chunk, spikes_of(chunk))
    database = sqlite3.connect(tmp_path / "ledger.sqlite")
    database.execute("UPDATE chunks SET result = CAST(substr(result, 2) AS BLOB)")
    database.commit()
    with pytest.raises(JobError, match="the stored result of iteration 0 is damaged"):
        ledger.spikes(chunk)


def test_a_damaged_file_is_told(tmp_path):
    (tmp_path / "ledger.sqlite").write_bytes(b"this is no database, and long enough to be sure" * 100)
    with pytest.raises(JobError, match="is damaged"):
        Ledger(tmp_path / "ledger.sqlite")


def test_a_ledger_of_another_version_is_refused(tmp_path):
    Ledger(tmp_path / "ledger.sqlite").close()
    database = sqlite3.connect(tmp_path / "ledger.sqlite")
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(JobError, match="version 99: this sqsq reads version 1"):
        Ledger(tmp_path / "ledger.sqlite")


def test_readers_read_while_a_writer_writes(tmp_path):
    writer = Ledger(tmp_path / "ledger.sqlite")
    reader = Ledger(tmp_path / "ledger.sqlite", read_only=True)
    for iteration in range(3):
        chunk = make_chunk(make_table(key=("iteration", iteration)))
        writer.begin(chunk, COST)
        assert reader.totals().chunks["intent"] == 1
        writer.done(chunk, spikes_of(chunk))
        assert reader.totals().chunks == {"done": iteration + 1}
    with pytest.raises(JobError, match="cannot be used: attempt to write a readonly database"):
        reader.remember("stop", True)


def test_who_writes(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    assert ledger.has_writer() is False
    ledger.remember("stop", True)
    ledger.take_over()
    assert ledger.has_writer() is True
    assert ledger.fact("stop") is None
    ledger.remember("writer", [2**22 + 1, ledger.fact("writer")[1]])  # no process has this number
    assert ledger.has_writer() is False
    ledger.remember("writer", [1, "another host"])
    assert ledger.has_writer() is None


def test_dropped_results_leave_the_counts(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    chunk = make_chunk()
    ledger.begin(chunk, COST)
    ledger.done(chunk, spikes_of(chunk))
    ledger.drop_results()
    assert ledger.spikes(chunk) is None
    assert ledger.totals().chunks == {"done": 1}


def written_ledger(path, chunks=6):
    """A ledger with jobs in every state, closed; what it says."""
    ledger = Ledger(path)
    ledger.remember("run", ["a run", {"steps": 3}])
    for k in range(chunks):
        chunk = make_chunk(make_table(key=("iteration", k)))
        attempt = ledger.begin(chunk, COST)
        if k % 3:
            ledger.submitted(attempt.tag, f"job {k}")
            ledger.observed(attempt.tag, JobReport("done", charged=2.0 * k))
        if k % 3 == 2:
            ledger.done(chunk, spikes_of(chunk, k))
    said = contents(ledger)
    ledger.close()
    return said


def contents(ledger):
    """All that a ledger says, results included."""
    rows = [
        ledger._run(f"SELECT * FROM {table} ORDER BY 1").fetchall()
        for table in ("facts", "chunks", "attempts")
    ]
    chunks = [make_chunk(make_table(key=("iteration", k))) for k in range(6)]
    return rows, [None if (s := ledger.spikes(chunk)) is None else s.tobytes() for chunk in chunks]


def problem_of(path, said):
    """What is said of a ledger that was changed, or nothing where it says what it said before."""
    try:
        ledger = Ledger(path)
    except JobError as error:
        return str(error)
    try:
        return "" if contents(ledger) == said else "the ledger says something else, without a word"
    except JobError as error:
        return str(error)
    finally:
        ledger.close()


@pytest.mark.parametrize("flips", [200, pytest.param(10_000, marks=pytest.mark.soak)])
def test_a_flipped_bit_is_noticed_or_changes_nothing(tmp_path, flips):
    said = written_ledger(tmp_path / "whole")
    whole = (tmp_path / "whole").read_bytes()
    rng = np.random.default_rng(0)
    noticed = 0
    for _ in range(flips):
        spoiled = bytearray(whole)
        spoiled[rng.integers(len(spoiled))] ^= 1 << rng.integers(8)
        for name in ("ledger", "ledger-wal", "ledger-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        (tmp_path / "ledger").write_bytes(spoiled)
        problem = problem_of(tmp_path / "ledger", said)
        assert "without a word" not in problem
        assert "\n" not in problem
        noticed += bool(problem)
    assert noticed  # most of the file is empty pages


def test_a_row_that_something_else_wrote_is_noticed(tmp_path):
    for statement in (
        "UPDATE attempts SET job_id = 'another' WHERE job_id IS NOT NULL",
        "UPDATE attempts SET charged = 0",
        "UPDATE chunks SET done = 1",
        "UPDATE facts SET value = '3'",
        "DELETE FROM attempts WHERE number = 2",
        "DELETE FROM attempts WHERE number = (SELECT max(number) FROM attempts)",
        "DELETE FROM chunks WHERE rowid = 1",
    ):
        path = tmp_path / "ledger.sqlite"
        path.unlink(missing_ok=True)
        written_ledger(path)
        database = sqlite3.connect(path)
        database.execute(statement)
        database.commit()
        database.close()
        with pytest.raises(JobError, match="is damaged"):
            Ledger(path)


def test_a_ledger_of_the_first_version_is_taken_on(tmp_path):
    path = tmp_path / "ledger.sqlite"
    written_ledger(path)
    database = sqlite3.connect(path)
    for table in ("facts", "chunks", "attempts"):
        database.execute(f"ALTER TABLE {table} DROP COLUMN seal")
    database.execute("PRAGMA user_version = 1")
    database.commit()
    database.close()
    reader = Ledger(path, read_only=True)
    assert reader.totals().chunks == {"done": 2, "intent": 2, "submitted": 2}
    reader.close()
    Ledger(path).close()
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA user_version").fetchone() == (2,)
    assert database.execute("SELECT count(*) FROM attempts WHERE seal IS NULL").fetchone() == (0,)


@pytest.mark.parametrize("name", ["a#b", "a?b=1", "a%41", "a b", "a&mode=ro", "ä'\"", "-dash", "a\nb"])
def test_any_path_will_do(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    Ledger(folder / "ledger.sqlite").close()
    assert (folder / "ledger.sqlite").stat().st_size > 0
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_nothing_is_begun_once_the_run_is_to_stop(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    ledger.remember("stop", True)
    with pytest.raises(JobError, match="the run was cancelled"):
        ledger.begin(make_chunk(), COST)
    assert ledger.unfinished() == []


def test_what_is_not_known_to_be_charged_counts_by_its_estimate(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    for k, state in enumerate(("failed", "cancelled")):
        attempt = ledger.begin(make_chunk(make_table(key=("iteration", k))), COST)
        ledger.submitted(attempt.tag, f"job {k}")
        ledger.ended(attempt.tag, state, "")
    assert ledger.spent() == 5.0
    assert not ledger.knows_charges()
    (first, _), (second, _) = ledger.uncharged()
    ledger.observed(first, JobReport("failed", charged=10.0))  # four times its estimate: so may the other be
    assert ledger.spent() == 20.0
    ledger.observed(second, JobReport("cancelled", charged=0.0))
    assert ledger.spent() == 10.0
