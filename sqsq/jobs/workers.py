"""Chunks on simulators: in this process, in a pool of processes, or on a Dask cluster."""

import os
import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import lru_cache
from multiprocessing import get_context
from typing import Any

from sqsq.engines import BackendChoice, Engine, Spikes, Table, open_simulator
from sqsq.errors import BackendError, UsageError
from sqsq.jobs.chunks import Chunk

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
    """Runs chunks in worker processes; a worker that dies costs its chunk's time, no more."""

    def __init__(self, choice: BackendChoice, workers: int) -> None:
        """Start workers when the first chunk comes.

        Args:
            choice: The backend, which each worker opens for itself.
            workers: How many.

        Raises:
            UsageError: If there would be none.
        """
        if workers < 1:
            raise UsageError(f"workers is {workers}: at least 1")
        self._choice = replace(choice, threads=max((os.cpu_count() or 1) // workers, 1))
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def execute(self, chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, Spikes]]:
        """Run chunks, in the order in which they are finished.

        Raises:
            BackendError: If workers die again and again.
        """
        left = {chunk.digest: chunk for chunk in chunks}
        for _ in range(_DEATHS):
            pool = self._pool or ProcessPoolExecutor(self._workers, mp_context=get_context("spawn"))
            self._pool = pool
            try:
                futures: dict[Future[Spikes], Chunk] = {
                    pool.submit(run_chunk, self._choice, pickle.dumps(chunk.table)): chunk
                    for chunk in left.values()
                }
                for future in as_completed(futures):
                    spikes = future.result()
                    chunk = futures[future]
                    del left[chunk.digest]
                    yield chunk, spikes
                return
            except BrokenProcessPool:
                self.close()
        raise BackendError(f"worker processes died {_DEATHS} times: too little memory for {self._workers}?")

    def finish(self) -> None:
        """Nothing is left to do."""

    def close(self) -> None:
        """Stop the workers."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None


class DaskCluster:
    """Runs chunks on the workers of a Dask cluster."""

    def __init__(self, choice: BackendChoice, address: str) -> None:
        """Connect.

        Args:
            choice: The backend, which each worker opens for itself; sqsq must be installed there.
            address: The scheduler's, such as ``tcp://127.0.0.1:8786``.

        Raises:
            UsageError: If the extra ``dask`` is missing, or no scheduler answers.
        """
        try:
            from distributed import Client
        except ModuleNotFoundError:
            raise UsageError("Dask is not installed: pip install 'sqsq[dask]'") from None
        try:
            self._client: Any = Client(address, set_as_default=False, timeout=10)  # type: ignore[no-untyped-call]
        except (OSError, ValueError, TimeoutError) as error:
            raise UsageError(f"no Dask scheduler answers at {address}: {error}") from error
        self._choice = replace(choice, threads=1)

    def execute(self, chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, Spikes]]:
        """Run chunks, in the order in which they are finished; Dask moves those of workers that die."""
        from distributed import as_completed as finished

        futures: dict[Any, Chunk] = {
            self._client.submit(run_chunk, self._choice, pickle.dumps(chunk.table), pure=False): chunk
            for chunk in chunks
        }
        for future in finished(futures, loop=self._client.loop):  # type: ignore[no-untyped-call]
            yield futures[future], future.result()

    def finish(self) -> None:
        """Nothing is left to do."""

    def close(self) -> None:
        """Leave the cluster."""
        self._client.close()


def run_chunk(choice: BackendChoice, pickled: bytes) -> Spikes:
    """Run a pickled table in a worker.

    It is unpickled here, where what goes wrong is told: that a user's own ansatz is another one there.
    """
    table: Table = pickle.loads(pickled)
    return _opened(choice).run(table)


@lru_cache(maxsize=4)
def _opened(choice: BackendChoice) -> Engine:
    return open_simulator(choice)
