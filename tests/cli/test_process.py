"""Whatever ends a command: one line, its exit code, no traceback."""

import os
import pty
import signal
import subprocess
import sys
import time

import pytest

# ends in the import with the given number, by a signal to itself
AT_IMPORT = """
import os, signal, sys
from sqsq.__main__ import main

class Kill:
    left = {number}
    def find_spec(self, name, path=None, target=None):
        Kill.left -= 1
        if Kill.left == 0:
            os.kill(os.getpid(), signal.{signal})

sys.meta_path.insert(0, Kill())
sys.argv = ["sqsq", "train-usps", "--data", "digits", "--dry-run"]
main()
"""
CODES = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}
WORDS = {"SIGINT": "interrupted", "SIGTERM": "terminated", "SIGHUP": "the terminal was closed"}


def python(*arguments, **options):
    return subprocess.run(
        [sys.executable, *arguments],
        **{"capture_output": True, "text": True, "check": False, "timeout": 120, **options},
    )


@pytest.mark.matrix(keep=3)
@pytest.mark.parametrize("name", CODES)
@pytest.mark.parametrize("number", [1, 30, 200, 800, 1700])
def test_a_signal_during_imports(name, number):
    result = python("-c", AT_IMPORT.format(number=number, signal=name))
    assert result.returncode == CODES[name], result.stderr
    assert result.stderr.strip("\n") == f"sqsq: {WORDS[name]}"


@pytest.mark.matrix(keep=4)
@pytest.mark.parametrize("milliseconds", range(0, 401, 100))
@pytest.mark.parametrize("name", CODES)
def test_a_signal_soon_after_the_start(name, milliseconds):
    """Before sqsq's first line it is Python itself that is interrupted, and says so as it does."""
    process = subprocess.Popen([sys.executable, "-m", "sqsq", "backends"], stderr=subprocess.PIPE, text=True)
    time.sleep(milliseconds / 1000)
    number = getattr(signal, name)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert "sqsq/cli" not in errors
    started = "<frozen" not in errors and process.returncode != -number
    if started:
        assert process.returncode == CODES[name], errors
        assert errors.splitlines()[-1] == f"sqsq: {WORDS[name]}"  # above it may stand what Qiskit warns of


@pytest.mark.parametrize("name", CODES)
def test_a_signal_that_a_library_swallows(name):
    """Whatever the command did then, its exit code tells."""
    program = (
        "import os, signal\n"
        "from sqsq.cli.process import run_command\n"
        "def command():\n"
        "    try:\n"
        f"        os.kill(os.getpid(), signal.{name})\n"
        "        signal.pause()\n"
        "    except BaseException:\n"
        "        return 0\n"
        "run_command(command)"
    )
    result = python("-c", program)
    assert result.returncode == CODES[name]
    assert result.stderr == f"sqsq: {WORDS[name]}\n"


def test_nohup_is_heeded(tmp_path):
    program = (
        "import signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from sqsq.cli.interrupts import raise_on_interrupts; raise_on_interrupts()\n"
        "sys.exit(signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN)"
    )
    assert python("-c", program).returncode == 0


@pytest.mark.slow
def test_a_closed_terminal_ends_a_run_resumable(tmp_path):
    run = tmp_path / "run"
    command = [sys.executable, "-m", "sqsq", "train-usps", "--data", "digits", "--run-dir", str(run)]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    deadline = time.monotonic() + 60
    while not (run / "metrics.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.close(ours)  # what is written now fails
    process.send_signal(signal.SIGHUP)
    assert process.wait(timeout=60) == 129
    assert "stopped" in python("-m", "sqsq", "status", str(run)).stdout


@pytest.mark.parametrize("arguments", [["--help"], ["data", "list"], ["inspect", "--help"]])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_nobody_reads(arguments, unbuffered):
    reader, writer = os.pipe()
    os.close(reader)
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    result = python(
        "-m", "sqsq", *arguments, capture_output=False, stdout=writer, stderr=subprocess.PIPE, env=environment
    )
    os.close(writer)
    assert result.returncode == 141
    assert result.stderr == ""


def test_nobody_reads_errors_either():
    reader, writer = os.pipe()
    os.close(reader)
    result = python("-m", "sqsq", "status", "nowhere", capture_output=False, stdout=writer, stderr=writer)
    os.close(writer)
    assert result.returncode == 141


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full device")
@pytest.mark.parametrize("arguments", [["--version"], ["data", "list"]])
def test_a_full_device(arguments):
    with open("/dev/full", "w") as full:
        result = python("-m", "sqsq", *arguments, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert result.returncode == 1
    assert result.stderr == "sqsq: input or output failed: No space left on device\n"


def closed(*numbers):
    """Close standard streams before the program starts."""
    return lambda: [os.close(number) for number in numbers]


@pytest.mark.matrix(keep=1)
@pytest.mark.parametrize("numbers", [(1,), (0, 1, 2)])
def test_streams_that_are_closed(tmp_path, numbers):
    """The ledger must not be opened in the place of one: what is printed would go there."""
    run = tmp_path / "run"
    small = ["--data", "digits", "--steps", "2", "--iterations", "1", "--test-size", "4", "--m-syn", "1"]
    command = [sys.executable, "-m", "sqsq", "train-usps", *small, "--batch-size", "2", "--run-dir", str(run)]
    result = subprocess.run(command, preexec_fn=closed(*numbers), check=False, timeout=120)
    assert result.returncode == 0
    assert (run / "ledger.sqlite").read_bytes()[:15] == b"SQLite format 3"
    assert "finished" in python("-m", "sqsq", "status", str(run)).stdout


def test_a_closed_input_answers_no_question():
    result = subprocess.run(
        [sys.executable, "-m", "sqsq", "train-usps", "--data", "digits", "--backend", "ibm_x"],
        preexec_fn=closed(0),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 3
    assert "Traceback" not in result.stderr


@pytest.mark.matrix(keep=1)
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_terminals_of_a_small_alphabet(encoding):
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "COLUMNS": "40"}
    for arguments in (["data", "list"], ["status", "für/日本"]):
        result = python("-m", "sqsq", *arguments, env=environment, errors="replace")
        assert result.returncode in (0, 4)
        assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_a_second_ctrl_c_adds_nothing(tmp_path):
    command = [
        sys.executable,
        "-m",
        "sqsq",
        "train-usps",
        "--data",
        "digits",
        "--run-dir",
        str(tmp_path / "run"),
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    deadline = time.monotonic() + 60
    while not (tmp_path / "run" / "metrics.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        time.sleep(0.01)
    assert "Traceback" not in process.stderr.read()
    assert process.returncode in (130, -signal.SIGINT)
