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
