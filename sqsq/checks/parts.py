"""Objects that a program hands over, held against a protocol."""

from typing import Any

from sqsq.checks.shown import shown
from sqsq.errors import UsageError


def check_parts(value: Any, protocol: Any, what: str) -> None:
    """Raise UsageError, naming what is missing, unless an object has all that a protocol asks for.

    Args:
        value: The object.
        protocol: A ``Protocol``.
        what: What such objects are called, such as ``an optimiser``.
    """
    needed = [name for name in vars(protocol) if not name.startswith("_")]
    if lacking := [name for name in needed if not hasattr(value, name)]:
        raise UsageError(
            f"{shown(value)} is not {what}: it lacks {', '.join(lacking)}; {what} has {', '.join(needed)}"
        )
