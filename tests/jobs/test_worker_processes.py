"""Worker processes never outlive their parent, and are refused where they would start the run again."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import suppress

import pytest

psutil = pytest.importorskip("psutil")

RUN = """
    import numpy as np
    from sqsq.tables import EvaluationTable, Template
    from sqsq.engines import BackendChoice
    from sqsq.errors import SqsqError
    from sqsq.jobs.chunks import Chunk
    from sqsq.jobs.workers import ProcessPool
    from sqsq.model import Neuron

    def run(rows, shots, workers=2):
        template = Template(Neuron(), 5)
        phi = np.ones((rows, *template.phi_shape))
        table = EvaluationTable(template, phi, np.zeros((rows, *template.theta_shape)), shots, ("x", 0))
        chunks = [Chunk(table, slice(0, rows), bytes([k])) for k in range(workers)]
        try:
            pool = ProcessPool(BackendChoice("aer"), workers)
            print("starting", flush=True)
            print(sum(spikes.size for _, spikes in pool.execute(chunks)), flush=True)
        except SqsqError as error:
            raise SystemExit(f"refused: {error}")
        pool.close()
"""
GUARDED = '\nif __name__ == "__main__":\n    run(1, 1)\n'


@pytest.fixture
def script(tmp_path):
    def write(last_lines):
        path = tmp_path / "script.py"
        path.write_text(textwrap.dedent(RUN) + last_lines)
        return path

    return write


def python(*arguments, **options):
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **options,
    )


def children_of(process, count):
    """The process's descendants, once there are so many."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = psutil.Process(process.pid).children(recursive=True)
        if len(found) >= count:
            return found
        time.sleep(0.01)
    raise AssertionError("it never started so many processes")


@pytest.mark.matrix(keep=1)
@pytest.mark.parametrize(
    ("number", "seconds"),
    [(signal.SIGKILL, 0), (signal.SIGHUP, 0), (signal.SIGKILL, 2), (signal.SIGKILL, 5)],
    ids=["starting", "starting, hung up", "importing", "in a long chunk"],
)
def test_workers_end_with_their_parent(script, number, seconds):
    """After so many seconds of work of a worker; Aer keeps the interpreter for a whole chunk."""
    path = script('\nif __name__ == "__main__":\n    run(50_000, 100, workers=1)\n')  # minutes
    process = subprocess.Popen([sys.executable, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    family = []
    try:
        assert process.stdout.readline() == b"starting\n"
        family = children_of(process, 2)  # a worker, and what Python tracks its semaphores with
        deadline = time.monotonic() + 60
        while sum(sum(each.cpu_times()[:2]) for each in family) < seconds and time.monotonic() < deadline:
            time.sleep(0.1)
        process.send_signal(number)
        process.wait(timeout=30)
        _, alive = psutil.wait_procs(family, timeout=30)
        assert not alive
    finally:
        process.kill()
        for each in family:
            with suppress(psutil.NoSuchProcess):
                each.kill()


def test_ctrl_c_on_a_terminal_is_one_line(tmp_path):
    """It reaches every process of the terminal, also those that are starting."""
    command = [sys.executable, "-m", "sqsq", "train-usps", "--data", "digits", "--workers", "2"]
    process = subprocess.Popen(
        [*command, "--run-dir", tmp_path / "run"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    family = children_of(process, 3)
    for _ in range(20):
        for each in family:
            each.send_signal(signal.SIGINT)
        time.sleep(0.02)
    assert all(each.is_running() for each in family)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert errors.endswith("sqsq: interrupted\n")


def test_a_guarded_script_has_workers(script):
    result = python(script(GUARDED))
    assert result.stdout == "starting\n10\n", result.stderr
    assert result.stderr == ""


def test_a_script_without_a_guard_is_refused(script):
    path = script("\nlogger_name = __name__\nrun(1, 1)\n")
    result = python(path)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert f"every worker imports {path}, and line 24 would start the run once more: put" in result.stderr


def test_a_module_without_a_guard_is_refused(script):
    result = python("-m", "script", cwd=script("\nrun(1, 1)\n").parent)
    assert "would start the run once more" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_script_whose_guard_guards_nothing_stops_at_once(script):
    """What is seen only when a worker imports it."""
    result = python(script("\nif __name__ == '__main__':\n    pass\nrun(1, 1)\n"))
    assert result.returncode == 1
    assert result.stdout == "starting\n"
    assert result.stderr == (
        "refused: workers: every worker imports the running script and starts the run again: put what starts "
        'the run under: if __name__ == "__main__":\n'
    )


def test_standard_input_is_refused(script):
    with script(GUARDED).open() as file:
        result = python("-", stdin=file)
    assert result.stderr.count("\n") == 1
    assert (
        "refused: workers: every worker imports the running script, and '<stdin>' cannot be" in result.stderr
    )


def test_a_command_of_python_has_workers(script):
    result = python("-c", textwrap.dedent(RUN) + "\nrun(1, 1)")
    assert result.stdout == "starting\n10\n", result.stderr
