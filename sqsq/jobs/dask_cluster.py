"""Chunks on a Dask cluster, whose workers and scheduler may come and go."""

import asyncio
import logging
import pickle
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import Any

from sqsq import __version__
from sqsq.engines import BackendChoice
from sqsq.errors import BackendError, UsageError
from sqsq.jobs.chunks import Chunk
from sqsq.jobs.workers import run_table
from sqsq.tables import Spikes, Table

PATIENCE = 60.0
"""Seconds without a scheduler, or without any worker, after which a run gives up; it can be resumed."""
_FIRST_CONTACT = 10.0
_LOOK = 1.0
"""Seconds without a result after which the cluster is looked at, and that it has to answer."""
_LOSSES = 20
"""So many lost schedulers in one table are no accident."""


class _SchedulerLostError(Exception):
    """The connection to the scheduler broke, and all that was submitted with it."""


class DaskCluster:
    """Runs chunks on the workers of a Dask cluster."""

    def __init__(self, choice: BackendChoice, address: str, patience: float = PATIENCE) -> None:
        """Connect.

        Args:
            choice: The backend, which each worker opens for itself; the same sqsq must be installed there.
            address: The scheduler's, such as ``tcp://127.0.0.1:8786``.
            patience: Seconds without a scheduler, or without any worker, after which it gives up.

        Raises:
            UsageError: If the extra ``dask`` is missing, or no scheduler answers.
        """
        self._choice = replace(choice, threads=1)
        self._address = address
        self._patience = patience
        self._log = logging.getLogger("distributed.client")
        self._log_level = self._log.level
        self._client: Any = None
        try:
            self._connect(min(patience, _FIRST_CONTACT))
        except ModuleNotFoundError:
            raise UsageError("Dask is not installed: pip install 'sqsq[dask]'") from None
        except (OSError, ValueError) as error:
            why = str(error).split("\n")[0] or type(error).__name__
            raise UsageError(f"no Dask scheduler answers at {address}: {why}") from None

    def execute(self, chunks: Sequence[Chunk]) -> Iterator[tuple[Chunk, Spikes]]:
        """Run chunks, in the order in which they are finished; Dask moves those of workers that die.

        Raises:
            BackendError: If workers die of a chunk, lack sqsq or have another one, or if there is no worker
                or no scheduler for as long as patience lasts.
        """
        left = {chunk.digest: chunk for chunk in chunks}
        for _ in range(_LOSSES):
            try:
                for chunk, spikes in self._run(left.values()):
                    del left[chunk.digest]
                    yield chunk, spikes
                return
            except _SchedulerLostError:
                self._connect_again()
        raise BackendError(f"the Dask scheduler at {self._address} was lost {_LOSSES} times")

    def finish(self) -> None:
        """Nothing is left to do."""

    def close(self) -> None:
        """Leave the cluster."""
        if self._client is not None:
            with suppress(OSError, TimeoutError):
                self._client.close(timeout=_LOOK)
            self._client = None
        self._log.setLevel(self._log_level)

    def _connect(self, timeout: float) -> None:
        from distributed import Client

        self._client = Client(self._address, set_as_default=False, timeout=timeout)  # type: ignore[no-untyped-call]
        self._log.setLevel(logging.CRITICAL)  # what it says of a lost scheduler is told in one line

    def _connect_again(self) -> None:
        self.close()
        until = time.monotonic() + self._patience
        while True:
            try:
                return self._connect(max(min(until - time.monotonic(), _FIRST_CONTACT), _LOOK))
            except OSError:
                if time.monotonic() > until:
                    raise BackendError(
                        f"the Dask scheduler at {self._address} was lost and did not come back within "
                        f"{self._patience:g} s"
                    ) from None
                time.sleep(min(_LOOK, self._patience))

    def _run(self, chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Spikes]]:
        ended: SimpleQueue[Any] = SimpleQueue()
        waiting: dict[str, tuple[Any, Chunk]] = {}
        try:
            for chunk in chunks:
                sent = pickle.dumps(_Call(chunk.table, self._choice))
                future = self._client.submit(pickle.loads, sent, pure=False)
                waiting[future.key] = future, chunk
                future.add_done_callback(ended.put)
            while waiting:
                future = self._next(ended)
                spikes = self._result(future)
                yield waiting.pop(future.key)[1], spikes
        finally:
            if waiting and self._client.status == "running":
                self._client.cancel([future for future, _ in waiting.values()])

    def _next(self, ended: "SimpleQueue[Any]") -> Any:
        """The next future that ends, while there is a cluster that may end one."""
        well = time.monotonic()
        while True:
            with suppress(Empty):
                return ended.get(timeout=min(_LOOK, self._patience))
            if self._client.status != "running":
                raise _SchedulerLostError
            try:
                workers = self._client.sync(self._client.scheduler.ncores, callback_timeout=_LOOK)
                lacking = "has no worker"
            except (OSError, TimeoutError):
                workers, lacking = {}, "does not answer"
            if workers:
                well = time.monotonic()
            elif time.monotonic() - well > self._patience:
                raise BackendError(
                    f"the Dask scheduler at {self._address} {lacking} for {self._patience:g} s (a worker is "
                    f"started with: dask worker {self._address})"
                )

    def _result(self, future: Any) -> Spikes:
        from distributed import KilledWorker

        try:
            spikes: Spikes = future.result(timeout=self._patience)
            return spikes
        except (CancelledError, asyncio.CancelledError, OSError):
            raise _SchedulerLostError from None
        except KilledWorker:
            raise BackendError(
                f"workers of the Dask cluster at {self._address} died of a chunk again and again: too little "
                "memory for them?"
            ) from None
        except Exception as error:
            if _is_of_another_sqsq(error):
                raise BackendError(
                    f"the Dask cluster at {self._address} cannot run sqsq {__version__}: install it on every "
                    f"worker ({' '.join(str(error).split())})"
                ) from None
            raise


def run_table_of(version: str, choice: BackendChoice, table: Table) -> Spikes:
    """Run a table in a worker, if the same sqsq is installed there.

    Raises:
        ImportError: If it is another one.
    """
    if version != __version__:
        raise ImportError(f"a worker has sqsq {__version__}")
    return run_table(choice, table)


@dataclass(frozen=True)
class _Call:
    """A call of ``run_table_of``, made where this is unpickled.

    A worker that cannot read what it is sent leaves the cluster without a word. So it is sent bytes, and
    to read them is the task, which fails as tasks do where there is no sqsq.
    """

    table: Table
    choice: BackendChoice

    def __reduce__(self) -> tuple[Any, ...]:
        return run_table_of, (__version__, self.choice, self.table)


def _is_of_another_sqsq(error: Exception) -> bool:
    """Whether code was not found where it was sent."""
    return isinstance(error, ImportError) or "Can't get attribute" in str(error)
