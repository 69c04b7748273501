"""Assignment matrices: measured through any engine, kept as JSON, refused where they do not fit."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from sqsq.engines import BackendChoice, Placement, open_engine, reported_readout
from sqsq.errors import BackendError, UsageError
from sqsq.estimation import Calibration, calibrate, calibration_of, estimate_calibration
from sqsq.jobs import CountingEngine, Resources, drive, jobs_of, make_runner, tell_nobody
from sqsq.jobs.chunks import groups_by_chunk
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, GroupsRequest, RowGroups, Template
from sqsq.tables.row_groups import spread_rows

NOW = datetime(2026, 1, 2, tzinfo=UTC)
NEURON = Neuron()


class MisreadingEngine:
    """Groups of qubits with assignment matrices of their own, reached like jobs of a packed device."""

    name = "misreading"

    def __init__(self, matrices, size, seed=0):
        self.matrices, self.size = matrices, size
        self.rng = np.random.default_rng(seed)
        self.tables = []

    def groups_of(self, table):
        count = len(self.matrices)

        def spread(part):
            rows = part.evaluations
            return RowGroups(np.arange(rows) % spread_rows(rows, count), count)

        return groups_by_chunk(table, self.size, spread)

    def run(self, table):
        self.tables.append(table)
        assert table.template.calibration
        true = np.isclose(table.phi, np.pi).astype(int)
        assert np.isclose(table.phi, np.pi * true).all()
        own = self.matrices[self.groups_of(table).of_row]  # (rows, N, 2, 2)
        ones = np.where(true == 1, own[:, None, :, 1, 1], own[:, None, :, 0, 1])
        return (self.rng.random(table.spikes_shape) < ones[:, None]).astype(np.uint8)


def some_matrices(groups, io_qubits, seed=0):
    errors = np.random.default_rng(seed).uniform(0.01, 0.2, (groups, io_qubits, 2))
    up, down = errors[..., 0], errors[..., 1]
    return np.stack([np.stack([1 - up, up], -1), np.stack([down, 1 - down], -1)], -2)


@pytest.mark.parametrize("size", [100, 7, 1000])
@pytest.mark.parametrize("neuron", [Neuron(), Neuron(2, 1)])
def test_every_group_is_measured_however_tables_are_cut(neuron, size):
    """24 numbers at most, each within 5 standard errors: a false alarm below 2e-5 for each test."""
    matrices = some_matrices(3, neuron.io_qubits)
    engine = MisreadingEngine(matrices, size)
    found, usage = drive(calibrate(neuron, 4, 20_000, backend="misreading", taken_at=NOW), engine)
    assert usage.tables == 1
    assert found.groups == 3
    assert np.abs(found.matrices - matrices).max() > 0
    assert (np.abs(found.matrices - matrices) < 5 * found.standard_errors).all()
    assert found.readings.min() >= 15_000
    assert found.readings[0].sum() + found.readings[1].sum() + found.readings[2].sum() == (
        usage.executions * 4 * neuron.io_qubits
    )
    assert engine.tables[0].key == ("calibration",)


def test_chunks_of_one_row_do_not_hide_groups():
    """Where many shots make chunks of one row, which all run on the first group, rows get fewer shots."""

    class Coarse(MisreadingEngine):
        def groups_of(self, table):
            self.size = 1 if table.shots > 50 else 6
            return super().groups_of(table)

    engine = Coarse(some_matrices(3, 1), 1)
    found, _ = drive(calibrate(NEURON, 1, 10_000, backend="b", taken_at=NOW), engine)
    assert found.readings.min() >= 8_000
    with pytest.raises(BackendError, match="2 of 3 groups of qubits cannot be calibrated"):
        drive(calibrate(NEURON, 1, 100, backend="b", taken_at=NOW), MisreadingEngine(some_matrices(3, 1), 1))


def test_groups_of_a_simulated_packed_device_through_the_runner():
    choice = BackendChoice("exact:fake_lagos", placement=Placement(layout=(0, 1, 5, 6)))
    engine = open_engine(choice.name, placement=choice.placement)
    runner = make_runner(choice, engine, Resources(), job_seconds=None, ledger=None, run="", tell=tell_nobody)
    reported = reported_readout(choice, engine, Template(NEURON, 2))
    assert reported.qubits == ((0, 1), (5, 6))
    step = calibrate(NEURON, 2, 200_000, backend=choice.name, qubits=reported.qubits, taken_at=NOW)
    found, _ = drive(step, runner)
    # beside readout, only the turn by pi and the relaxation while waiting go wrong: little, but upwards
    assert (np.abs(found.matrices - reported.matrices) < 0.004).all()
    assert abs(found.matrices[0] - found.matrices[1]).max() > 0.005
    found.check_is_of(choice.name, reported.qubits, reported.updated_at)


def test_an_estimate_counts_what_a_calibration_takes():
    """On the device that fake_lagos imitates: two groups a job, read two steps a shot in both states."""
    choice = BackendChoice("exact:fake_lagos", placement=Placement(layout=(0, 1, 3, 5), pack="auto"))
    counting = CountingEngine(choice.name, jobs_of(choice, open_engine("exact:fake_lagos")))
    found, usage = drive(estimate_calibration(NEURON, 2, 1_000, backend="b", taken_at=NOW), counting)
    assert found.groups == 2
    assert usage.executions == 2 * 2 * 500
    assert counting.cost.executions == 2 * 500
    assert np.array_equal(found.matrices[1, 0], np.eye(2))


def test_requests_are_answered_chunk_by_chunk():
    table = EvaluationTable(Template(NEURON, 1), np.zeros((7, 1, 1)), np.zeros((7, 1, 3)), 1)
    engine = MisreadingEngine(some_matrices(2, 1), 3)

    def ask():
        return (yield GroupsRequest(table))

    groups, usage = drive(ask(), engine)
    assert groups.of_row.tolist() == [0, 1, 0, 0, 1, 0, 0]
    assert usage.evaluations == 0


def example(**changes):
    values = {
        "neuron": NEURON,
        "matrices": some_matrices(2, 1),
        "readings": np.full((2, 1, 2), 1000),
        "backend": "ibm_x",
        "qubits": ((0, 1), (5, 6)),
        "taken_at": NOW,
        "source": "calibration",
    }
    return Calibration(**{**values, **changes})


def test_json_keeps_everything():
    before = example()
    after = Calibration.from_json(json.loads(json.dumps(before.to_json())))
    assert np.array_equal(before.matrices, after.matrices)
    assert np.array_equal(before.readings, after.readings)
    assert before.to_json() == after.to_json()
    assert after.neuron == NEURON
    assert after.taken_at == NOW
    with pytest.raises(UsageError, match="no readout calibration"):
        Calibration.from_json({"matrices": []})


def test_a_calibration_that_does_not_fit_is_refused():
    example().check_is_of("ibm_x", ((0, 1), (5, 6)), NOW - timedelta(hours=1))
    with pytest.raises(UsageError, match="is of ibm_x, not of ibm_y"):
        example().check_is_of("ibm_y", ((0, 1), (5, 6)), None)
    with pytest.raises(UsageError, match=r"is of qubits \[\[0, 1\], \[5, 6\]\], not of \[\[0, 1\]\]"):
        example().check_is_of("ibm_x", ((0, 1),), None)
    with pytest.raises(UsageError, match="older than that of ibm_x itself, 2026-01-02T01:00:00"):
        example().check_is_of("ibm_x", ((0, 1), (5, 6)), NOW + timedelta(hours=1))
    with pytest.raises(UsageError, match="neurons with 2 io and 1 memory qubits"):
        calibration_of([example()], Neuron(2, 1))


@pytest.mark.parametrize("error", [0.5, 0.47, 0.9])
def test_matrices_that_cannot_be_inverted_are_refused(error):
    singular = some_matrices(2, 1)
    singular[1, 0] = [[1 - error, error], [error, 1 - error]]
    with pytest.raises(BackendError, match="readout of qubit 5 on ibm_x hardly depends on its state"):
        example(matrices=singular)


def test_shapes_and_rows_are_checked():
    with pytest.raises(UsageError, match=r"must be \(groups, 1, 2, 2\)"):
        example(readings=np.zeros((1, 1, 2), np.int64))
    with pytest.raises(UsageError, match="no probability distribution"):
        example(matrices=some_matrices(2, 1) * 1.1)
    with pytest.raises(UsageError, match="time zone"):
        example(taken_at=datetime(2026, 1, 2))
    with pytest.raises(UsageError, match=r"one of the qubits of a group is 0\.5"):
        example(qubits=((0, 0.5), (5, 6)))
    with pytest.raises(UsageError, match="a calibration of '2026-01-02': must be a date and time"):
        example(taken_at="2026-01-02")
    with pytest.raises(UsageError, match=r"readings\[0, 0, 0\] is -1: must be a whole number, at least 0"):
        example(readings=np.full((2, 1, 2), -1))
    with pytest.raises(UsageError, match="0 readings of each state: at least 1"):
        drive(calibrate(NEURON, 1, 0, backend="b", taken_at=NOW), None)


def test_qubits_of_numpy_are_stored_as_numbers():
    made = example(qubits=np.array([[0, 1], [5, 6]], np.int32))
    assert made.qubits == ((0, 1), (5, 6))
    assert Calibration.from_json(json.loads(json.dumps(made.to_json()))).qubits == made.qubits
