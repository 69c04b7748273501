"""Runs on hardware as typed: cost first, then a question, then jobs; status, budget, workers."""

import json
import subprocess
import sys

import pytest

from tests.cli.in_process import sqsq_command

SMALL = ["--data", "digits", "--steps", "2", "--iterations", "2", "--test-size", "6", "--batch-size", "2"]
HARDWARE = [*SMALL, "--m-syn", "1", "--backend", "ibm_brisbane", "--pack", "2"]


def test_cost_question_run_status(fake_service, tmp_path):
    run = str(tmp_path / "run")
    planned = sqsq_command("train-usps", *HARDWARE, "--dry-run", "--json")
    assert planned.returncode == 0, planned.stderr
    estimate = json.loads(planned.stdout.splitlines()[-1])
    assert estimate["jobs"] == 3
    assert estimate["hardware"]
    assert "Open Plan" in planned.stderr
    unanswered = sqsq_command("train-usps", *HARDWARE, "--run-dir", run)
    assert unanswered.returncode == 2
    assert "needs a yes: answer on a terminal, or give --yes" in unanswered.stderr
    assert not fake_service.jobs
    assert not (tmp_path / "run").exists()
    done = sqsq_command("train-usps", *HARDWARE, "--run-dir", run, "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert len(fake_service.jobs) == 3
    status = json.loads(sqsq_command("status", run, "--json").stdout)
    assert status["state"] == "finished"
    assert status["totals"]["chunks"] == {"done": 3}
    assert status["spent"] == 9.0
    assert status["remaining"] == 591.0
    shown = sqsq_command("status", run).stdout
    assert "9.0 charged where" in shown
    assert "2 of 2, accuracy" in shown


def test_the_budget_has_a_code_of_its_own(fake_service, tmp_path):
    run = str(tmp_path / "run")
    stopped = sqsq_command("train-usps", *HARDWARE, "--run-dir", run, "--yes", "--max-qpu-seconds", "3")
    assert stopped.returncode == 5, stopped.stderr
    assert "this is more than --max-qpu-seconds 3" in stopped.stderr
    assert len(fake_service.jobs) == 1
    again = sqsq_command("resume", run)
    assert again.returncode == 5
    more = sqsq_command("resume", run, "--max-qpu-seconds", "100")
    assert more.returncode == 0, more.stderr
    assert len(fake_service.jobs) == 3


def test_an_answer_on_a_terminal(fake_service, tmp_path):
    """A pseudo-terminal, and a no."""
    code = (
        "import pty, os, sys\n"
        "def read(fd):\n"
        "    data = os.read(fd, 1024)\n"
        "    if b'[y/N]' in data: os.write(fd, b'n\\n')\n"
        "    return data\n"
        "sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:], read)))"
    )
    command = [sys.executable, "-m", "sqsq", "train-usps", *HARDWARE, "--run-dir", str(tmp_path / "run")]
    asked = subprocess.run(
        [sys.executable, "-c", code, *command],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert "spend QPU time on ibm_brisbane?" in asked.stdout
    assert asked.returncode == 130
    assert not fake_service.jobs


@pytest.mark.slow
def test_dry_runs_of_simulators_ask_no_network(tmp_path):
    """All sockets are forbidden."""
    code = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise AssertionError('network')\n"
        "socket.socket.connect = refuse; socket.getaddrinfo = refuse\n"
        "from sqsq.cli.main import main; main()"
    )
    for backend in ("aer", "fake_brisbane", "exact:fake_boston"):
        arguments = ["train-usps", *SMALL, "--backend", backend, "--dry-run"]
        result = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
        assert result.returncode == 0, result.stderr
        assert "QPU seconds" in result.stdout
    assert not list(tmp_path.iterdir())


def test_workers_on_the_command_line(tmp_path):
    runs = []
    for workers in ("0", "2"):
        run = str(tmp_path / workers)
        done = sqsq_command("train-usps", *SMALL, "--run-dir", run, "--workers", workers, "--json")
        assert done.returncode == 0, done.stderr
        runs.append(json.loads(done.stdout.splitlines()[-1])["loss_bound"])
    assert runs[0] == runs[1]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["train-usps", *SMALL, "--pack", "many"], 2, "'many' is not auto, off or a number"),
        (["train-usps", *SMALL, "--pack", "2"], 2, "aer has no qubits to choose from"),
        (["train-usps", *SMALL, "--job-seconds", "0"], 2, "job-seconds is 0"),
        (["train-usps", *SMALL, "--workers", "-1"], 2, "workers is -1"),
        (["train-usps", *SMALL, "--workers", "1", "--dask", "x"], 2, "choose one"),
        (["train-usps", *SMALL, "--resume"], 2, "--resume needs --run-dir"),
        (["train-usps", *SMALL, "--backend", "fake_brisbane", "--layout", "0"], 2, "needs 2 qubits"),
        (["status", "."], 4, "not a run directory"),
        (["resume", "."], 4, "not a run directory"),
        (["cancel", "."], 4, "not a run directory"),
    ],
)
def test_bad_input(tmp_path, arguments, code, message):
    result = sqsq_command(*arguments, cwd=tmp_path)
    assert result.returncode == code, result.stderr
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_rehearsal_prints_what_to_paste():
    process = subprocess.Popen(
        [sys.executable, "-m", "sqsq.fake_service", "--port", "0", "--device", "fake_nairobi"],
        stdout=subprocess.PIPE,
        text=True,
    )
    lines = [process.stdout.readline() for _ in range(8)]
    process.terminate()
    process.wait()
    assert lines[0].startswith("export QISKIT_IBM_TOKEN=")
    assert "--backend ibm_nairobi --dry-run" in lines[-1]
    refused = subprocess.run(
        [sys.executable, "-m", "sqsq.fake_service", "--device", "fake_x"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "unknown fake backend 'fake_x'" in refused.stderr
