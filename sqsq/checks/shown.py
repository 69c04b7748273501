"""Values of any kind as errors show them."""

from numbers import Integral, Real
from typing import Any

import numpy as np

from sqsq.errors import printable

_LONGEST = 120
"""Characters of a value that an error shows."""
_MANY_BITS = 200
"""Python refuses to spell out a number of more than some thousands of digits."""


def shown(value: Any) -> str:
    """A value as an error shows it, on one line and not longer than a line can be."""
    if isinstance(value, Integral) and int(value).bit_length() > _MANY_BITS:
        return f"a whole number of {int(value).bit_length():,} bits"
    try:
        return one_line(str(value) if isinstance(value, Real | np.bool_) else repr(value))
    except Exception:  # a class of the user's own that cannot be shown, or numbers too long for Python
        return f"a {type(value).__name__}"


def one_line(text: str) -> str:
    """A text on one line, cut where it is longer than an error should be."""
    text = printable(" ".join(text.split()))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
