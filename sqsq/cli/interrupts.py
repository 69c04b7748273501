"""Ctrl-C, SIGTERM and a closed terminal end a command wherever it is."""

import signal
from types import FrameType

_AGAIN = 0.05
"""Seconds after which an interrupt is tried again that would have been swallowed."""
_SIGNALS = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]

_arrived: list[int] = []


class Terminated(BaseException):
    """SIGTERM or SIGHUP arrived."""


def raise_on_interrupts() -> None:
    """Turn SIGTERM and SIGHUP into ``Terminated`` and Ctrl-C into ``KeyboardInterrupt``, never lost.

    What is ignored stays so: SIGHUP under nohup, Ctrl-C in a background job. Python swallows what is raised
    inside a weak reference's callback (every import has one) or a ``__del__``: a signal that arrives there
    waits until that is over.
    """
    for number in _SIGNALS:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _on_signal)


def arrived() -> int | None:
    """The first signal that arrived and was meant to end the command, or None."""
    return _arrived[0] if _arrived else None


def end_at_once() -> None:
    """From now on a signal ends the process without a word: all is done and said."""
    for number in _SIGNALS:
        if signal.getsignal(number) is _on_signal:
            signal.signal(number, signal.SIG_DFL)


def _on_signal(number: int, frame: FrameType | None) -> None:
    if _swallows(frame):
        signal.signal(signal.SIGALRM, lambda _, later: _on_signal(number, later))
        signal.setitimer(signal.ITIMER_REAL, _AGAIN)
        return
    _arrived.append(number)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise Terminated


def _swallows(frame: FrameType | None) -> bool:
    """Whether an exception raised in a frame would be ignored."""
    while frame is not None:
        code = frame.f_code
        if code.co_name == "__del__" or (code.co_name == "cb" and "importlib" in code.co_filename):
            return True
        frame = frame.f_back
    return False
