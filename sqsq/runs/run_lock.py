"""One writer a run directory; a start that is refused leaves nothing."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from sqsq.errors import UsageError
from sqsq.files import PARTIAL
from sqsq.runs.config_file import CONFIG
from sqsq.runs.metrics_file import METRICS
from sqsq.runs.run_directory import CALIBRATION, LEDGER, MODEL, RunDirectory
from sqsq.shell import shell_command

LOCK = ".lock"
_PATIENCE = 0.5
"""Seconds to wait for the lock: who asks whether a run is running holds it for a moment."""
_MADE_BY_A_START = (
    *(CONFIG, CALIBRATION, MODEL, METRICS),
    *(f"{LEDGER}{end}" for end in ("", "-wal", "-shm", "-journal")),
)


@dataclass
class Start:
    """How far the start of a new run has come.

    Attributes:
        directory: Where its files are.
        measured: Whether measuring has begun: from then on a failure leaves a run that can be resumed.
    """

    directory: RunDirectory
    measured: bool = False


@contextmanager
def new_run_directory(path: Path) -> Iterator[Start]:
    """Make a directory for a run and keep other writers out while it is open.

    What was made, directories included, is removed again where the start fails before anything was measured.

    An interrupt leaves what there is: the run can go on.

    Raises:
        UsageError: If the directory holds anything, cannot be written or is in use.
    """
    check_is_free(path)
    made = [each for each in (path, *path.parents) if not os.path.lexists(each)]
    has_lock = os.path.exists(path / LOCK)  # False, as above, for names that no file can have
    keep = False
    try:
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"run directory {path} cannot be written: {error.strerror or error}") from error
        with locked_run_directory(path) as directory:
            check_is_free(path, asks_lock=False)  # nobody else can write into it from here on
            start = Start(directory)
            try:
                yield start
            except BaseException as error:
                keep = start.measured or not isinstance(error, Exception)
                if not keep:
                    _remove(path, () if has_lock else (LOCK,))
                raise
    except BaseException:
        if not keep:
            for each in made:
                with suppress(OSError):  # absent, or others have put something there
                    each.rmdir()
        raise


def _remove(path: Path, others: tuple[str, ...]) -> None:
    """Remove what a start makes; the lock last, so that nobody meets half a run without it."""
    for name in (*_MADE_BY_A_START, *(f"{name}{PARTIAL}" for name in _MADE_BY_A_START), *others):
        (path / name).unlink(missing_ok=True)


@contextmanager
def locked_run_directory(path: Path) -> Iterator[RunDirectory]:
    """Keep other writers out of a run directory while it is open.

    Raises:
        UsageError: If the directory cannot be written or is in use.
    """
    lock = FileLock(path / LOCK)
    in_use = UsageError(f"run directory {path} is in use by another run")
    try:
        lock.acquire(timeout=_PATIENCE, poll_interval=0.02)
    except Timeout:
        raise in_use from None
    except OSError as error:
        raise UsageError(f"run directory {path} cannot be written: {error.strerror or error}") from error
    try:
        if not (path / LOCK).exists():  # a start that was refused has taken it away meanwhile
            raise in_use
        yield RunDirectory(path)
    finally:
        lock.release()


def check_is_free(path: Path, *, asks_lock: bool = True) -> None:
    """Check that a new run may be begun in a directory: it is absent or empty.

    Args:
        path: The directory.
        asks_lock: Whether to tell a run that is running from one that is not.

    Raises:
        UsageError: If it holds a run or anything else.
    """
    try:
        names = set(os.listdir(path))
    except OSError:  # absent, or said better by who makes it
        return
    if CONFIG in names and asks_lock and is_running(path):
        raise UsageError(f"run directory {path} is in use by another run")
    if CONFIG in names:
        raise UsageError(
            f"run directory {path} holds a run already: choose another, or go on with "
            f"{shell_command('sqsq', 'resume', path)}"
        )
    others = sorted(names - {LOCK, f"{CONFIG}{PARTIAL}"})
    if others:
        shown = ", ".join(others[:3]) + (", ..." if len(others) > 3 else "")
        raise UsageError(f"run directory {path} is not empty and holds no run ({shown}): choose another")


def is_running(path: Path) -> bool | None:
    """Whether a process holds the lock of a run directory; None where that cannot be asked."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        descriptor = os.open(path / LOCK, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return False
