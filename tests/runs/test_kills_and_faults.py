"""Killed again and again while a service misbehaves: every job once, no result lost, the budget kept."""

import shutil
import signal
import subprocess

import numpy as np
import pytest

from sqsq import Execution, open_run, train_usps
from sqsq.errors import BackendError
from sqsq.fake_service import RandomFaults
from sqsq.jobs import Patience
from tests.runs.test_resume import HARDWARE, arguments, assert_same_model, start
from tests.runs_for_tests import on_notes

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
STUBBORN = Patience(
    first_wait=0.05,
    longest_wait=0.5,
    give_up=120,
    first_contact=120,
    grace=1,
    first_poll=0.05,
    longest_poll=0.1,
)


def kill(process, rng):
    """Let a process live for a while; returns whether it had to be killed."""
    try:
        process.wait(timeout=rng.uniform(0.5, 9.0))
    except subprocess.TimeoutExpired:
        process.send_signal(SIGNALS[rng.integers(len(SIGNALS))])
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        return True
    return False


def charged(fake_service):
    """QPU seconds that the service has charged or will."""
    return sum(
        fake_service.seconds_charged if job["status"] == "Completed" else fake_service.seconds_failed
        for job in fake_service.jobs.values()
    )


def misbehave(fake_service, rng):
    """A fifth of all requests goes wrong, charges come late, there is little room, batches close."""
    fake_service.random_faults = RandomFaults(0.2, int(rng.integers(2**32)))
    fake_service.charges_later = int(rng.integers(4))
    fake_service.most_pending = int(rng.integers(1, 4))
    fake_service.refusal = int(rng.choice([400, 403, 409]))
    fake_service.close_batches = int(rng.integers(2))
    fake_service.appears_after = float(rng.uniform(0, 0.3))


def behave(fake_service):
    """Nothing goes wrong any more."""
    fake_service.random_faults, fake_service.charges_later, fake_service.most_pending = None, 0, None
    fake_service.close_batches, fake_service.appears_after = 0, 0.0


def kill_and_finish(fake_service, path, contents, tmp_path, kills, seed):
    """Kill runs of the same settings until there were so many kills; check each."""
    rng = np.random.default_rng(seed)
    killed = runs = 0
    while killed < kills:
        run = tmp_path / f"run{runs}"
        fake_service.jobs.clear()
        fake_service.results.clear()
        budget = 0.0
        for _ in range(8):
            misbehave(fake_service, rng)
            budget = max(budget, charged(fake_service)) + float(rng.uniform(2.0, 9.0))
            command = ("train-usps", *arguments(HARDWARE, run), "--yes", "--resume")
            process = start(*command, "--max-qpu-seconds", f"{budget:.2f}")
            killed += kill(process, rng)
            if rng.random() < 0.2 and (run / "ledger.sqlite").exists():  # the last entries are lost
                (run / "ledger.sqlite-wal").unlink(missing_ok=True)
            assert charged(fake_service) <= budget + fake_service.seconds_charged
        misbehave(fake_service, rng)
        try:
            finish(run)
        except BackendError:  # patience may end where so much goes wrong: resuming goes on
            behave(fake_service)
            finish(run)
        behave(fake_service)
        sent = sorted(job["content"] for job in fake_service.jobs.values())
        assert sent == sorted(contents), "a job was sent twice, or lost"
        assert_same_model(path, run)
        assert "failed" not in open_run(run).status().totals.chunks
        shutil.rmtree(run)
        runs += 1
    return killed, runs


def finish(run):
    train_usps(
        run_dir=run, resume=True, execution=Execution(patience=STUBBORN), on_event=on_notes(print), **HARDWARE
    )


@pytest.mark.soak
def test_killed_while_everything_goes_wrong(fake_service, tmp_path):
    train_usps(run_dir=tmp_path / "whole", execution=Execution(patience=STUBBORN), **HARDWARE)
    contents = fake_service.contents()
    assert len(contents) == len(set(contents)) > 3
    killed, runs = kill_and_finish(fake_service, tmp_path / "whole", contents, tmp_path, 200, 1)
    print(killed, "kills,", runs, "runs")
    assert killed >= 200
