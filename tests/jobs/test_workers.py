"""Chunks elsewhere: the same spikes from any number of workers, alive or dead."""

import os
import signal
import threading
import time

import numpy as np
import pytest

from sqsq.engines import BackendChoice
from sqsq.errors import BackendError, UsageError
from sqsq.jobs import Ledger, Resources, make_runner, open_backend, tell_nobody
from sqsq.jobs import workers as workers_module
from sqsq.jobs.chunks import Chunk
from sqsq.jobs.workers import ProcessPool
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, Template

CHOICE = BackendChoice("fake_brisbane", seed=3)


def make_table(rows=40):
    template = Template(Neuron(), 5)
    phi = np.random.default_rng(0).uniform(0, 3, (rows, *template.phi_shape))
    return EvaluationTable(template, phi, np.zeros((rows, *template.theta_shape)), 5, ("iteration", 0))


def run(resources, table):
    runner = make_runner(
        CHOICE,
        open_backend(CHOICE),
        resources,
        job_seconds=0.01,
        ledger=None,
        run="",
        tell=tell_nobody,
    )
    try:
        return runner.run(table)
    finally:
        runner.close()


def test_workers_change_nothing():
    table = make_table()
    here = run(Resources(), table)
    for workers in (1, 3):
        assert (run(Resources(workers=workers), table) == here).all()


def test_dask_workers_change_nothing():
    distributed = pytest.importorskip("distributed")
    table = make_table()
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        assert (run(Resources(dask=cluster.scheduler_address), table) == run(Resources(), table)).all()
        # a worker dies, and Dask moves its chunks
        killer = threading.Timer(0.2, lambda: os.kill(_some_pid(cluster), signal.SIGKILL))
        killer.start()
        assert (run(Resources(dask=cluster.scheduler_address), table) == run(Resources(), table)).all()


def _some_pid(cluster):
    return next(iter(cluster.workers.values())).pid


def test_a_killed_worker_costs_only_time():
    table = make_table(60)
    here = run(Resources(), table)
    pool = ProcessPool(CHOICE, 2)
    runner_engine = open_backend(CHOICE)
    runner = make_runner(
        CHOICE,
        runner_engine,
        Resources(),
        job_seconds=0.01,
        ledger=None,
        run="",
        tell=tell_nobody,
    )
    chunks = list(runner._chunks(table))
    assert len(chunks) > 5
    spikes = np.empty(table.spikes_shape, np.uint8)
    found = pool.execute(chunks)
    killed = False
    for chunk, part in found:
        spikes[chunk.rows] = part
        if not killed:
            for process in list(pool._pool._processes.values()):
                os.kill(process.pid, signal.SIGKILL)
            killed = True
    pool.close()
    assert (spikes == here).all()


def die(choice, table):
    os.abort()


def test_workers_that_always_die_are_an_error(monkeypatch):
    monkeypatch.setattr(workers_module, "run_chunk", die)
    monkeypatch.setattr(workers_module, "_DEATHS", 2)
    table = make_table(2)
    pool = ProcessPool(CHOICE, 1)
    with pytest.raises(BackendError, match="worker processes died 2 times"):
        list(pool.execute([Chunk(table, slice(0, 2), b"")]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"workers": -1}, "workers is -1"),
        ({"workers": 2, "dask": "tcp://x:1"}, "choose one"),
        ({"max_qpu_seconds": -1.0}, "max-qpu-seconds is -1"),
        ({"max_qpu_seconds": float("nan")}, "max-qpu-seconds is nan"),
    ],
)
def test_executions_that_make_no_sense(options, message):
    with pytest.raises(UsageError, match=message):
        Resources(**options)


def test_no_scheduler_is_an_error(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("sqsq.jobs.dask_cluster._FIRST_CONTACT", 0.5)
    start = time.monotonic()
    with pytest.raises(UsageError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        run(Resources(dask="tcp://127.0.0.1:9"), make_table(1))
    assert time.monotonic() - start < 60


def test_a_run_keeps_to_the_spikes_that_it_began_with(tmp_path):
    """Another version of what draws random numbers would make it two halves of different runs."""
    ledger = Ledger(tmp_path / "ledger.sqlite")
    engine = open_backend(CHOICE)

    def make():
        return make_runner(
            CHOICE, engine, Resources(), job_seconds=None, ledger=ledger, run="", tell=tell_nobody
        )

    make()
    assert ledger.fact("identity fake_brisbane") == engine.identity
    make()
    ledger.remember("identity fake_brisbane", "fake_brisbane seed 3 qiskit-aer 0.1")
    with pytest.raises(UsageError, match=r"began with the spikes of fake_brisbane seed 3 qiskit-aer 0\.1"):
        make()
    ledger.close()
