"""What a worker process does before anything slow is imported: it binds its life to its parent's."""

import os
import signal
import sys
import threading
from multiprocessing import connection, parent_process


def begin_worker() -> None:
    """Leave Ctrl-C and a closed terminal to the parent, and end when it has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    parent = parent_process()
    assert parent is not None
    if sys.platform == "linux":
        _be_ended_with(parent.sentinel)
    threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def began() -> None:
    """Nothing: a worker that has done it has begun."""


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


if sys.platform == "linux":
    import fcntl

    def _be_ended_with(sentinel: int) -> None:
        """Let the kernel end this process: no thread runs while compiled code keeps the interpreter.

        The sentinel is a pipe whose other end the parent holds; SIGIO tells that it is closed, and ends
        a process that does not handle it.
        """
        signal.signal(signal.SIGIO, signal.SIG_DFL)
        fcntl.fcntl(sentinel, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(sentinel, fcntl.F_SETFL, fcntl.fcntl(sentinel, fcntl.F_GETFL) | os.O_ASYNC)
