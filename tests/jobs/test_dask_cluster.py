"""A Dask cluster whose parts are missing, differ, or go: one line each, after a stated patience."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

import sqsq
from sqsq.engines import BackendChoice, open_simulator
from sqsq.errors import BackendError, UsageError
from sqsq.jobs import dask_cluster
from sqsq.jobs.chunks import Chunk
from sqsq.jobs.dask_cluster import DaskCluster
from sqsq.jobs.workers import ThisProcess
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, Template

pytest.importorskip("distributed")

CHOICE = BackendChoice("exact", seed=3)
ROOT = str(Path(sqsq.__file__).parents[1])


@pytest.fixture
def start(tmp_path):
    """Starts a scheduler or a worker in a process of its own."""
    processes = []

    def run(kind, *arguments, path=ROOT):
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments]
        log = (tmp_path / f"{kind}{len(processes)}.log").open("w")
        environment = {**os.environ, "PYTHONPATH": path, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env=environment, cwd=tmp_path, start_new_session=True
        )
        processes.append(process)
        return process

    run.processes = processes
    yield run
    for process in processes:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def address(start):
    """A scheduler without workers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    run_scheduler(start, address)
    return address


def run_scheduler(start, address, **options):
    return start(
        "scheduler", "--host", "127.0.0.1", "--port", address.split(":")[-1], "--no-dashboard", **options
    )


def run_worker(start, address, **options):
    return start("worker", address, "--no-dashboard", "--nthreads", "1", "--host", "127.0.0.1", **options)


def make_chunks(count=3):
    template = Template(Neuron(), 3)
    chunks = []
    for k in range(count):
        phi = np.random.default_rng(k).uniform(0, 3, (4, *template.phi_shape))
        table = EvaluationTable(template, phi, np.zeros((4, *template.theta_shape)), 5, ("x", k))
        chunks.append(Chunk(table, slice(0, 4), bytes([k])))
    return chunks


@pytest.fixture
def cluster(address):
    """The cluster, which loses patience soon."""
    found = DaskCluster(CHOICE, address)
    found._patience = 3.0
    yield found
    found.close()


def other_sqsq(tmp_path, text):
    """A folder with another package of the name."""
    package = tmp_path / "other" / "sqsq"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(text)
    return str(package.parent)


def test_no_worker(cluster, address):
    with pytest.raises(BackendError, match=rf"{address} has no worker for 3 s \(a worker is started with"):
        list(cluster.execute(make_chunks()))


@pytest.mark.slow
def test_a_worker_that_comes_late(cluster, address, start):
    chunks = make_chunks()
    timer = threading.Timer(0.5, run_worker, (start, address))
    timer.start()
    cluster._patience = 60.0
    found = {chunk.digest: spikes for chunk, spikes in cluster.execute(chunks)}
    here = ThisProcess(open_simulator(CHOICE)).execute(chunks)
    assert all((found[chunk.digest] == spikes).all() for chunk, spikes in here)


def test_a_worker_without_sqsq(cluster, address, start, tmp_path):
    missing = "raise ModuleNotFoundError(\"No module named 'sqsq'\", name='sqsq')"
    run_worker(start, address, path=other_sqsq(tmp_path, missing))
    cluster._patience = 60.0
    with pytest.raises(BackendError, match=r"cannot run sqsq .*: install it on every") as refusal:
        list(cluster.execute(make_chunks()))
    assert "\n" not in str(refusal.value)


def test_a_worker_with_another_sqsq(cluster, address, start, tmp_path):
    real = Path(sqsq.__file__)
    other = f"__path__ = [{str(real.parent)!r}]\n__file__ = {str(real)!r}\nexec(open(__file__).read())\n"
    run_worker(start, address, path=other_sqsq(tmp_path, other + "__version__ = '0.0.0'\n"))
    cluster._patience = 60.0
    with pytest.raises(BackendError, match=r"cannot run sqsq .*\(a worker has sqsq 0\.0\.0\)"):
        list(cluster.execute(make_chunks()))


@pytest.mark.slow
def test_workers_that_die_of_a_chunk(cluster, address, start, monkeypatch):
    run_worker(start, address)
    cluster._patience = 60.0
    assert len(list(cluster.execute(make_chunks(1)))) == 1  # its nanny is ready then
    monkeypatch.setattr(dask_cluster._Call, "__reduce__", lambda call: (os._exit, (1,)))
    with pytest.raises(BackendError, match="died of a chunk again and again: too little memory"):
        list(cluster.execute(make_chunks(1)))


@pytest.fixture
def real_call():
    """What a worker is sent."""
    return dask_cluster._Call.__reduce__


@pytest.fixture
def busy(cluster, address, start, monkeypatch):
    """A cluster that will not finish what it is given."""
    run_worker(start, address)
    cluster._client.wait_for_workers(1, timeout=60)
    monkeypatch.setattr(dask_cluster._Call, "__reduce__", lambda call: (time.sleep, (600,)))
    return cluster


@pytest.mark.slow
def test_a_lost_scheduler(busy, address, start, caplog):
    threading.Timer(1.0, start.processes[0].kill).start()
    with pytest.raises(BackendError, match=f"{address} was lost and did not come back within 3 s"):
        list(busy.execute(make_chunks()))
    assert caplog.text == ""


@pytest.mark.slow
def test_a_scheduler_that_does_not_answer(busy, address, start):
    threading.Timer(1.0, start.processes[0].send_signal, (signal.SIGSTOP,)).start()
    with pytest.raises(BackendError, match=f"scheduler at {address} does not answer for 3 s"):
        list(busy.execute(make_chunks()))


@pytest.mark.slow
def test_a_scheduler_that_comes_back(real_call, busy, address, start):
    def replace():
        start.processes[0].kill()
        start.processes[0].wait()
        dask_cluster._Call.__reduce__ = real_call
        run_scheduler(start, address)
        run_worker(start, address)

    busy._patience = 60.0
    threading.Timer(1.0, replace).start()
    chunks = make_chunks()
    found = {chunk.digest: spikes for chunk, spikes in busy.execute(chunks)}
    here = ThisProcess(open_simulator(CHOICE)).execute(chunks)
    assert all((found[chunk.digest] == spikes).all() for chunk, spikes in here)


@pytest.fixture
def ctrl_c():
    """Ctrl-C as Python begins with it, also where pytest runs in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_what_is_not_wanted_any_more_is_cancelled(busy):
    chunks = busy.execute(make_chunks())
    futures = []
    submit = busy._client.submit
    busy._client.submit = lambda *words, **options: futures.append(submit(*words, **options)) or futures[-1]
    threading.Timer(1.0, signal.raise_signal, (signal.SIGINT,)).start()
    with pytest.raises(KeyboardInterrupt):
        next(chunks)
    assert [future.status for future in futures] == ["cancelled"] * 3


def test_no_scheduler_of_that_name():
    for address in ("tcp://127.0.0.1:9", "nonsense://x", "tcp://no.such.host.invalid:1", "x"):
        with pytest.raises(UsageError, match=f"no Dask scheduler answers at {address}") as refusal:
            DaskCluster(CHOICE, address, patience=0.5)
        assert "\n" not in str(refusal.value)
