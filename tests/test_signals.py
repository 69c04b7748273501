"""Tests pass whatever signals pytest was started with, and what is started in the background stays deaf."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
START = """
import os, signal, sys
ignored, blocked, *command = sys.argv[1:]
for name in ignored.split():
    signal.signal(getattr(signal, name), signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, [getattr(signal, name) for name in blocked.split()])
os.execv(sys.executable, [sys.executable, *command])
"""
"""Python with signals ignored or blocked, as a shell, nohup or another program may start it."""
ALL = "SIGINT SIGTERM SIGHUP SIGQUIT SIGALRM SIGCHLD SIGPIPE SIGUSR1"
QUICK = (
    "tests/cli/test_interrupts.py",
    "tests/cli/test_command.py::test_an_interrupt_during_the_first_table_ends_the_run[0.0]",
)
LONG = ("tests/cli", "tests/runs/test_resume.py", "tests/jobs", "tests/test_hardware_notebook.py")


def python(ignored, blocked, *arguments, **options):
    command = [sys.executable, "-c", START, ignored, blocked, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, **options)


@pytest.mark.matrix(keep=1)
@pytest.mark.parametrize("tests", [QUICK, pytest.param(LONG, marks=pytest.mark.soak)], ids=["quick", "long"])
@pytest.mark.parametrize(
    ("ignored", "blocked"), [("SIGINT SIGQUIT", ""), (ALL, ALL)], ids=["background", "worst"]
)
def test_interrupts_under_inherited_signals(ignored, blocked, tests):
    """As ``make test &`` in a script, and the worst there is."""
    result = python(
        ignored, blocked, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "not soak", *tests
    )
    assert result.returncode == 0, result.stdout


SCRIPT = """
import os, signal
from sqsq.cli.interrupts import raise_on_interrupts
raise_on_interrupts()
os.kill(os.getpid(), signal.SIGINT)
print("goes on")
"""


def test_a_command_in_the_background_ignores_ctrl_c():
    assert python("SIGINT", "", "-c", SCRIPT).stdout == "goes on\n"
