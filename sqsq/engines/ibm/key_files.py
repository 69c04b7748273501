"""Files that hold keys: found, and read only where nobody else can have written them."""

import os
import stat
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values

from sqsq.errors import BackendError
from sqsq.shell import shell_command


def find_upwards(name: str) -> Path | None:
    """The first file of a name in the working directory or above it; directories of that name are none."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        path = folder / name
        if os.path.lexists(path) and not path.is_dir():
            return path
    return None


def read_own_file(path: Path) -> str:
    """The text of a file that only its user can have written.

    Who may write to its directory can put there a file or a link of their own, and both are refused: no
    more is asked of the directory.

    Raises:
        BackendError: If it or a link that leads to it is another user's, others may write to it, or it
            cannot be read.
    """
    try:
        if path.is_symlink():
            _check_owner(path, path.lstat())
        _check_file(path, path.stat())
        with path.open("rb") as file:
            _check_file(path, os.fstat(file.fileno()))
            return file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BackendError(f"{path} cannot be read: byte {error.start} of it is not UTF-8 text") from None
    except OSError as error:
        raise BackendError(f"{path} cannot be read: {error.strerror or error}") from None


def assignments(text: str) -> dict[str, str]:
    """The variables that the text of a ``.env`` file sets; ``$`` stands for itself."""
    # a file must not send the environment to where it says
    found = dotenv_values(stream=StringIO(text), interpolate=False)
    return {name: value.strip() for name, value in found.items() if value and value.strip()}


def _check_file(path: Path, status: os.stat_result) -> None:
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISFIFO(status.st_mode)):
        raise BackendError(f"{path} cannot be read: it is not a file")
    _check_owner(path, status)
    if os.name == "posix" and status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise BackendError(
            f"{path} may hold your key, and others can write to it: {shell_command('chmod', 'go-w', path)}, "
            "or set QISKIT_IBM_TOKEN in the environment"
        )


def _check_owner(path: Path, status: os.stat_result) -> None:
    if os.name == "posix" and status.st_uid != os.geteuid():
        raise BackendError(
            f"{path} is another user's (uid {status.st_uid}, not {os.geteuid()}) and was not read: set "
            "QISKIT_IBM_TOKEN in the environment, or work in a directory that has a .env file of your own "
            "in it or above"
        )
