"""A command as a process: its exit code, whatever ends it, and one line that says so."""

import signal
import sys
from collections.abc import Callable
from typing import NoReturn

from sqsq.cli.interrupts import Terminated, arrived, end_at_once, raise_on_interrupts
from sqsq.cli.streams import READER_GONE, ReaderGoneError, finish_streams, ready_streams, say

_WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}


def run_command(command: Callable[[], int]) -> NoReturn:
    """Run a command and exit.

    Args:
        command: Does it, and returns the exit code; what is slow to import is imported in it.
    """
    try:
        raise_on_interrupts()
        ready_streams()
        code = command()
        if (number := arrived()) is not None:  # a library swallowed what the signal raised
            code = _interrupted(number)
    except ReaderGoneError:
        code = READER_GONE
    except (KeyboardInterrupt, Terminated):
        code = _interrupted(arrived() or signal.SIGINT)
    except SystemExit as exit:
        code = exit.code if isinstance(exit.code, int) else int(exit.code is not None)
    except BaseException as error:
        # what an interrupted import or a terminal that is gone makes of a signal is not worth a word
        number = arrived()
        if number is not None:
            code = _interrupted(number)
        elif isinstance(error, OSError):
            code = READER_GONE if isinstance(error, BrokenPipeError) else _failed(error)
        else:
            raise
    code = finish_streams(code)
    end_at_once()
    sys.exit(code)


def _interrupted(number: int) -> int:
    say(_WORDS.get(signal.Signals(number), "the terminal was closed"))
    return 128 + number


def _failed(error: OSError) -> int:
    what = "input or output" if error.filename is None else error.filename
    say(f"{what} failed: {error.strerror or error}")
    return 1
