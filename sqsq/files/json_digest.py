"""Checksums of JSON values."""

import hashlib
import json
from typing import Any


def json_digest(values: Any) -> str:
    """The SHA-256 of JSON values, however they are laid out and in whatever order keys stand, in hex.

    Raises:
        ValueError: If a number is not finite.
    """
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def has_digest(mark: Any, values: Any) -> bool:
    """Whether JSON values that were read have a checksum; what nobody could have written has none."""
    try:
        return bool(mark == json_digest(values))
    except (ValueError, RecursionError):  # a number that is not finite, text that is none, too deep
        return False
