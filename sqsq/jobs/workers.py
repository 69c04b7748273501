"""Chunks on simulators: in this process, or in a pool of processes."""

import os
import pickle
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from multiprocessing import get_context

from sqsq.engines import BackendChoice, Engine, open_simulator
from sqsq.errors import BackendError, SqsqError, UsageError
from sqsq.jobs.chunks import Chunk
from sqsq.jobs.main_module import GUARD, STARTED_AGAIN, check_main_module
from sqsq.tables import Spikes, Table
from sqsq.worker_process import began, begin_worker

_DEATHS = 20
"""So many broken pools in one table are no accident."""


class ThisProcess:
    """Runs chunks here, one after the other."""

    def __init__(self, engine: Engine) -> None:
        """Run on an engine."""
        self._engine = engine

    def execute(self, chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, Spikes]]:
        """Run chunks in order."""
        for chunk in chunks:
            yield chunk, self._engine.run(chunk.table)

    def finish(self) -> None:
        """Nothing is left to do."""

    def close(self) -> None:
        """Nothing to give back."""


class ProcessPool:
    """Runs chunks in worker processes; a worker that dies costs its chunk's time, no more.

    Workers end with this process, however it ends, and leave Ctrl-C to it.
    """

    def __init__(self, choice: BackendChoice, workers: int) -> None:
        """Start workers when the first chunk comes.

        Args:
            choice: The backend, which each worker opens for itself.
            workers: How many.

        Raises:
            UsageError: If there would be none, or if they could not be started.
        """
        if workers < 1:
            raise UsageError(f"workers is {workers}: at least 1")
        check_main_module()
        self._choice = replace(choice, threads=max((os.cpu_count() or 1) // workers, 1))
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._began = False

    def execute(self, chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, Spikes]]:
        """Run chunks, in the order in which they are finished.

        Raises:
            BackendError: If workers cannot be started, or die again and again.
        """
        left = {chunk.digest: chunk for chunk in chunks}
        for _ in range(_DEATHS):
            first: Future[None] | None = None
            try:
                pool = self._pool or self._open()
                with _signals_held():
                    first = pool.submit(began)
                    futures: dict[Future[Spikes], Chunk] = {
                        pool.submit(run_chunk, self._choice, pickle.dumps(chunk.table)): chunk
                        for chunk in left.values()
                    }
                for future in as_completed(futures):
                    spikes = future.result()
                    self._began = True
                    chunk = futures[future]
                    del left[chunk.digest]
                    yield chunk, spikes
                return
            except BrokenProcessPool:
                self._began |= first is not None and first.done() and first.exception() is None
                codes = self._end()
                if not self._began:
                    raise _explained(codes) from None
        raise BackendError(f"worker processes died {_DEATHS} times: too little memory for {self._workers}?")

    def finish(self) -> None:
        """Nothing is left to do."""

    def close(self) -> None:
        """End the workers, whatever they are doing."""
        self._end()

    def _end(self) -> set[int | None]:
        """End the workers; how they ended."""
        if self._pool is None:
            return set()
        processes = list((self._pool._processes or {}).values())
        for process in processes:
            process.kill()
        self._pool.shutdown(cancel_futures=True)  # waits until all are gone: their codes are known then
        self._pool = None
        return {process.exitcode for process in processes}

    def _open(self) -> ProcessPoolExecutor:
        self._pool = ProcessPoolExecutor(
            self._workers, mp_context=get_context("spawn"), initializer=begin_worker
        )
        return self._pool


def _explained(codes: set[int | None]) -> SqsqError:
    """Why workers ended before they began."""
    if STARTED_AGAIN in codes:
        return UsageError(
            f"workers: every worker imports the running script and starts the run again: {GUARD}"
        )
    return BackendError("worker processes end before they begin (what they wrote is above): use workers=0")


@contextmanager
def _signals_held() -> Iterator[None]:
    """Ctrl-C and a closed terminal wait, for this process; those started meanwhile never hear of them.

    A process inherits what its parent holds back, so not even one that is still starting is interrupted.
    """
    held = [signal.SIGINT, signal.SIGHUP] if hasattr(signal, "pthread_sigmask") else []
    if not held:
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def run_chunk(choice: BackendChoice, pickled: bytes) -> Spikes:
    """Run a pickled table in a worker.

    It is unpickled here, where what goes wrong is told: that a user's own ansatz is another one there.
    """
    return run_table(choice, pickle.loads(pickled))


def run_table(choice: BackendChoice, table: Table) -> Spikes:
    """Run a table in a worker."""
    return _opened(choice).run(table)


@lru_cache(maxsize=4)
def _opened(choice: BackendChoice) -> Engine:
    return open_simulator(choice)
