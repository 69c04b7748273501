"""Signals that arrive where Python would swallow what they raise."""

import subprocess
import sys

import pytest

SCRIPT = """
import os, signal, sys, time
from sqsq.cli.interrupts import Terminated, raise_on_interrupts
raise_on_interrupts()

class Busy:
    def __del__(self):
        os.kill(os.getpid(), signal.{name})
        time.sleep(0.02)

try:
    busy = Busy()
    del busy
    time.sleep(10)
except Terminated:
    print("terminated")
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize(("name", "word"), [("SIGTERM", "terminated"), ("SIGINT", "interrupted")])
def test_a_signal_inside_a_destructor_is_not_lost(name, word):
    command = [sys.executable, "-c", SCRIPT.format(name=name)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.stdout.strip() == word
    assert "ignored" not in result.stderr
