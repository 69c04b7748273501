"""Ctrl-C and SIGTERM end a command wherever it is."""

import signal
from types import FrameType

_AGAIN = 0.05
"""Seconds after which an interrupt is tried again that would have been swallowed."""


class Terminated(BaseException):
    """SIGTERM arrived."""


def raise_on_interrupts() -> None:
    """Turn SIGTERM into ``Terminated`` and Ctrl-C into ``KeyboardInterrupt``, never lost.

    Python swallows what is raised inside a weak reference's callback (every import has one) or a
    ``__del__``: a signal that arrives there waits until that is over.
    """
    signal.signal(signal.SIGTERM, _on_signal)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a background job ignores it
        signal.signal(signal.SIGINT, _on_signal)


def _on_signal(number: int, frame: FrameType | None) -> None:
    if _swallows(frame):
        signal.signal(signal.SIGALRM, lambda _, later: _on_signal(number, later))
        signal.setitimer(signal.ITIMER_REAL, _AGAIN)
        return
    if number == signal.SIGTERM:
        raise Terminated
    raise KeyboardInterrupt


def _swallows(frame: FrameType | None) -> bool:
    """Whether an exception raised in a frame would be ignored."""
    while frame is not None:
        code = frame.f_code
        if code.co_name == "__del__" or (code.co_name == "cb" and "importlib" in code.co_filename):
            return True
        frame = frame.f_back
    return False
