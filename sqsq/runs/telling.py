"""Who is told what happens during a run."""

import warnings
from collections.abc import Callable
from typing import Any

from sqsq.jobs import Note, Tell


def tell_with(on_event: Callable[[Any], None] | None) -> Tell:
    """The subscriber; where nobody subscribes, notes become warnings."""
    return _warn if on_event is None else on_event


def _warn(event: Any) -> None:
    if isinstance(event, Note):
        warnings.warn(event.words, UserWarning, stacklevel=2)
