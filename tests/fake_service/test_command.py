"""The rehearsal as users start it."""

import signal
import socket
import subprocess
import sys

import pytest

from sqsq.errors import UsageError
from sqsq.fake_service import FakeService

LOOPBACK = [sys.executable, "-m", "sqsq.fake_service", "--device", "fake_nairobi"]


def test_a_busy_port_is_one_line():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        result = subprocess.run([*LOOPBACK, "--port", port], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr == (
        f"Error: port {port} of 127.0.0.1 cannot be used: Address already in use; choose another, or 0 for a "
        "free one\n"
    )


@pytest.mark.parametrize("port", [-1, 65536])
def test_ports_that_do_not_exist(port):
    with (
        pytest.raises(UsageError, match=f"port {port} of 127.0.0.1 cannot be used"),
        FakeService({}, port=port),
    ):
        pass


@pytest.mark.parametrize(
    ("option", "value"), [("--port", "70000"), ("--fault-rate", "2"), ("--fault-rate", "nan")]
)
def test_options_out_of_range(option, value):
    result = subprocess.run(
        [*LOOPBACK, option, value], capture_output=True, text=True, check=False, timeout=60
    )
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_ctrl_c_ends_it_with_a_word():
    process = subprocess.Popen(
        [*LOOPBACK, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    for _ in range(8):
        process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, out, errors) == (0, "# 0 jobs were run\n", "")
