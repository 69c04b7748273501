"""One writer a directory, starts that are refused leave nothing, and who runs a run is asked of its lock."""

import os
import socket
import subprocess
import sys

import numpy as np
import pytest
from filelock import FileLock

from sqsq import Resources, open_run, train, train_usps
from sqsq.errors import BackendError, BudgetError, DataError, JobError, SqsqError, UsageError
from sqsq.jobs import Patience
from sqsq.runs.run_directory import RunDirectory
from sqsq.runs.run_files import begin_run
from sqsq.runs.run_lock import is_running

SMALL = {"data": "digits", "steps": 2, "iterations": 2, "test_size": 6, "batch_size": 2, "m_syn": 1}
HARDWARE = {**SMALL, "backend": "ibm_brisbane", "pack": 2}
BRIEF = Patience(first_wait=0.02, first_contact=0.1, give_up=0.2, grace=0.1, first_poll=0.02)


@pytest.mark.parametrize(
    ("changes", "resources", "error"),
    [
        ({"backend": "bogus"}, {}, BackendError),
        ({"data": "usps", "data_dir": "nowhere"}, {}, SqsqError),
        ({"batch_size": 9_999}, {}, UsageError),
        ({"model": "ideal", "backend": "aer"}, {}, UsageError),
        ({"backend": "ibm_brisbane"}, {}, BackendError),
        ({"readout": "calibration", "calibration": "nothing.json"}, {}, DataError),
        ({}, {"dask": "tcp://127.0.0.1:1"}, UsageError),
    ],
)
def test_a_start_that_is_refused_leaves_nothing(tmp_path, monkeypatch, changes, resources, error):
    monkeypatch.setattr("sqsq.jobs.dask_cluster.DaskCluster.__init__", refuse)
    monkeypatch.chdir(tmp_path)
    given = {**SMALL, **changes}
    for name in ("data_dir", "calibration"):
        if name in given:
            given[name] = tmp_path / given[name]
    with pytest.raises(error):
        train_usps(run_dir="new/deep/run", resources=Resources(**resources), **given)
    assert not list(tmp_path.iterdir())
    (tmp_path / "empty").mkdir()
    with pytest.raises(error):
        train_usps(run_dir="empty", resources=Resources(**resources), **given)
    assert not list((tmp_path / "empty").iterdir())
    train_usps(run_dir="empty", **SMALL)


def refuse(*arguments):
    raise UsageError("no Dask scheduler answers")


@pytest.mark.parametrize(
    ("resources", "error"),
    [({"workers": 2}, UsageError), ({"max_qpu_seconds": 0.0}, BudgetError)],
)
def test_hardware_that_is_refused_leaves_nothing(fake_service, tmp_path, resources, error):
    with pytest.raises(error):
        train_usps(run_dir=tmp_path / "run", resources=Resources(patience=BRIEF, **resources), **HARDWARE)
    assert not fake_service.jobs
    assert not list(tmp_path.iterdir())


def test_a_calibration_of_something_else_leaves_nothing(tmp_path):
    settings = {**SMALL, "backend": "exact:fake_brisbane", "readout": "calibration"}
    run = tmp_path / "one"
    train_usps(run_dir=run, on_event=lambda event: None, **{**settings, "iterations": 1})
    given = {**settings, "backend": "exact:fake_lagos", "calibration": run / "calibration.json"}
    with pytest.raises(UsageError, match="is of exact:fake_brisbane, not of exact:fake_lagos"):
        train_usps(run_dir=tmp_path / "other", on_event=lambda event: None, **given)
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


@pytest.mark.matrix(keep=1)
@pytest.mark.parametrize(("command", "room"), [("train-usps", 100), ("train-usps", 3_000), ("train", 2_400)])
def test_a_disk_that_is_full_at_the_start(tmp_path, command, room):
    """No file may grow beyond so many bytes: config.json, then the ledger or the model, meet that limit."""
    code = (
        "import resource, signal; from sqsq.cli.main import main; "
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room})); main()"
    )
    options = ["--steps", "2", "--test-size", "6", "--run-dir", str(tmp_path / "a" / "b")]
    more = {
        "train-usps": ["--data", "digits", "--iterations", "1"],
        "train": ["digits", "--model", "reservoir", "--hidden", "30", "--m", "1"],
    }
    found = subprocess.run(
        [sys.executable, "-c", code, command, *more[command], *options],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode in (1, 2), found.stderr
    assert "Traceback" not in found.stderr
    assert str(tmp_path / "a" / "b") in found.stderr
    assert not list(tmp_path.iterdir())


def test_a_directory_that_holds_something_else(tmp_path):
    for name in ("notes.txt", "a.csv", "b.csv", "z"):
        (tmp_path / name).write_text("mine")
    message = r"is not empty and holds no run \(a\.csv, b\.csv, notes\.txt, \.\.\.\): choose another"
    for resume in (False, True):
        with pytest.raises(UsageError, match=message):
            train_usps(run_dir=tmp_path, resume=resume, **SMALL)
    with pytest.raises(UsageError, match=message):
        train("digits", model="reservoir", run_dir=tmp_path)
    assert len(list(tmp_path.iterdir())) == 4


def test_two_starts_at_once(tmp_path):
    """The second one finds the lock taken, or a run, and touches neither."""
    with begin_run(tmp_path / "run", "train", {}, {}):
        before = sorted(path.name for path in (tmp_path / "run").iterdir())
        with pytest.raises(UsageError, match="in use by another run"):
            train_usps(run_dir=tmp_path / "run", **SMALL)
        assert sorted(path.name for path in (tmp_path / "run").iterdir()) == before
    with pytest.raises(UsageError, match="holds a run already"):
        train_usps(run_dir=tmp_path / "run", **SMALL)


def test_an_interrupt_before_the_first_measurement_leaves_a_run(tmp_path, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("sqsq.models.network_trainer.training_step", interrupt)
        with pytest.raises(KeyboardInterrupt):
            train_usps(run_dir=tmp_path / "run", **SMALL)
    assert open_run(tmp_path / "run").status().state == "stopped"
    assert open_run(tmp_path / "run").resume().metrics[-1].iteration == 2


def test_an_interrupted_reservoir_leaves_a_run(tmp_path, monkeypatch):
    """What was measured before the read-out was fitted is not measured again."""

    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    settings = {"model": "reservoir", "steps": 2, "hidden": (3,), "m": 1, "test_size": 6}
    run = tmp_path / "a" / "run"
    with monkeypatch.context() as patch:
        patch.setattr("sqsq.models.reservoir.train_read_out", interrupt)
        with pytest.raises(KeyboardInterrupt):
            train("digits", run_dir=run, **settings)
    assert open_run(run).status().state == "stopped"
    assert not (run / "model.npz").exists()
    again = open_run(run).resume()
    assert again.metrics[-1].iteration == 1
    assert np.array_equal(again.state.read_out.weights, train("digits", **settings).state.read_out.weights)


def test_a_ledger_that_cannot_be_written_at_the_start(tmp_path, monkeypatch):
    def fail(*arguments):
        raise JobError("ledger.sqlite cannot be used: database or disk is full")

    monkeypatch.setattr("sqsq.jobs.ledger.Ledger.remember", fail)
    with pytest.raises(JobError, match="disk is full"):
        train_usps(run_dir=tmp_path / "run", **SMALL)
    assert not list(tmp_path.iterdir())


def test_what_was_measured_is_kept(tmp_path, monkeypatch):
    """Whatever goes wrong after the first measurement."""
    saved = []

    def fail(*arguments, **options):
        saved.append(arguments)
        raise OSError(28, "No space left on device", str(arguments[0]))

    with monkeypatch.context() as patch:
        patch.setattr("sqsq.runs.training.save_trained", fail)
        with pytest.raises(JobError, match=r"No space left on device; nothing is lost, and sqsq resume"):
            train_usps(run_dir=tmp_path / "run", **SMALL)
    assert saved
    assert open_run(tmp_path / "run").resume().metrics[-1].iteration == 2


def test_the_lock_says_who_runs(tmp_path):
    run = tmp_path / "run"
    assert is_running(run) is False
    train_usps(run_dir=run, **SMALL)
    assert is_running(run) is False
    ledger = RunDirectory(run).open_ledger()
    ledger.remember("finished", False)
    for host, state in ((socket.gethostname(), "stopped"), ("elsewhere", "unknown")):
        # a process that died: its number lives again, as this very process
        ledger.remember("writer", [os.getpid(), host])
        assert open_run(run).status().state == state
    with FileLock(run / ".lock"):
        assert is_running(run) is True
        assert open_run(run).status().state == "running"
        assert open_run(run).status().next == "wait; it runs"
    ledger.close()


def test_asking_keeps_nobody_out(tmp_path):
    (tmp_path / ".lock").touch()
    for _ in range(3):
        assert is_running(tmp_path) is False
        with FileLock(tmp_path / ".lock", timeout=0):
            assert is_running(tmp_path) is True
