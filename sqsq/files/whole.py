"""Files that are whole or absent."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_STREAMS = ("/dev/fd/", "/dev/stdout", "/dev/stderr", "/proc/")
PARTIAL = ".partial"
"""The end of a name while the file is being written."""


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A file to write to that takes its name only once all is written.

    What was there before stays until then, and stays for good if anything goes wrong. A link stays a link. A
    device or a pipe, such as ``/dev/null``, is written to as it is: nothing must take its name.

    Raises:
        OSError: If it cannot be written.
    """
    path = Path(path)
    if _stays_itself(path):
        with path.open("wb") as file:
            yield file
        return
    path = Path(os.path.realpath(path))
    partial = path.with_name(path.name + PARTIAL)
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _stays_itself(path: Path) -> bool:
    """Whether a path names what is no file of its own: a device, a pipe, a stream of this process."""
    if str(path).startswith(_STREAMS):
        return True
    try:
        mode = path.stat().st_mode
    except OSError:  # nothing is there yet; what is wrong is said by whoever writes
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def write_whole(path: str | os.PathLike[str], content: bytes | str) -> None:
    """Write a file, replacing what was there only once all is written.

    Raises:
        OSError: If it cannot be written.
    """
    with whole_file(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)
