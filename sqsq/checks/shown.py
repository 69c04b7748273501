"""Values of any kind as errors show them."""

from numbers import Integral
from typing import Any

from sqsq.errors import one_line

LONGEST = 60
"""Characters of a value that an error shows."""
_MANY_BITS = 200
"""Python refuses to spell out a number of more than some thousands of digits."""


def shown(value: Any) -> str:
    """A value on one line, printable, and not longer than a line can be."""
    if isinstance(value, Integral) and int(value).bit_length() > _MANY_BITS:
        return f"a whole number of {int(value).bit_length():,} bits"
    try:
        text = repr(value.item() if hasattr(value, "dtype") and getattr(value, "ndim", 1) == 0 else value)
    except Exception:  # a class of the user's own, or numbers within: its name says enough
        text = f"a {type(value).__name__}"
    text = one_line(" ".join(text.split()))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
