"""Standard input, output and error, also where they are closed, full, or of a small alphabet."""

import codecs
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

READER_GONE = 141
"""The exit code where nobody reads what is written any more: 128 and the number of SIGPIPE."""


class ReaderGoneError(BaseException):
    """Nobody reads what is written any more, as behind ``| head -1``."""


def ready_streams() -> None:
    """Open what the caller has closed, and let every character through somehow.

    A file that is opened later must not get the number of a standard stream: what is meant for the
    terminal would be written into it. Names of files go out with the bytes that they have; other
    characters that a terminal lacks are written as escapes.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115
    codecs.register_error("sqsq", _written_somehow)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="sqsq")


@contextmanager
def reader_may_go() -> Iterator[None]:
    """Tell that nobody reads apart from what click makes of it."""
    try:
        yield
    except BrokenPipeError:
        raise ReaderGoneError from None


def finish_streams(code: int) -> int:
    """Write out what waits to be written; the exit code that follows."""
    for stream, name in ((sys.stdout, "standard output"), (sys.stderr, "standard error")):
        try:
            stream.flush()
        except BrokenPipeError:
            code = READER_GONE
        except OSError as error:
            say(f"{name} cannot be written: {error.strerror}")
            code = code or 1
        else:
            continue
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return code


def say(words: str) -> None:
    """Write a line to standard error, if there is still somebody to read it."""
    try:
        print(f"sqsq: {words}", file=sys.stderr, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def _written_somehow(error: UnicodeError) -> tuple[str | bytes, int]:
    assert isinstance(error, UnicodeEncodeError)
    found = error.object[error.start : error.end]
    written = b""
    for character in found:
        try:
            written += character.encode("ascii", "surrogateescape")
        except UnicodeEncodeError:
            written += character.encode("ascii", "backslashreplace")
    return written, error.end
