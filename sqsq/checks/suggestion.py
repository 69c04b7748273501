"""What was meant where a name is not known."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


def did_you_mean(name: Any, known: Iterable[str]) -> str:
    """`` (did you mean NAME?)`` where a known name is close, or nothing."""
    if not isinstance(name, str):
        return ""
    close = get_close_matches(name, list(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
