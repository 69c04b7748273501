"""The ledger: what is written stays, what is damaged is told."""

import sqlite3

import numpy as np
import pytest

from sqsq.circuits import Template
from sqsq.engines import Cost, EvaluationTable, JobReport
from sqsq.errors import JobError
from sqsq.jobs import Ledger
from sqsq.jobs.chunks import Chunk, chunk_digest, cut_table
from sqsq.model import Neuron

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
