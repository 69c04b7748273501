"""JSON from outside: a file of reasonable size, each name once, no numbers that are none."""

import json
from pathlib import Path
from typing import Any

from sqsq.checks import shown
from sqsq.errors import DataError

MOST_BYTES = 64 * 2**20


def read_json(path: Path) -> Any:
    """What a JSON file holds.

    Raises:
        DataError: If it cannot be read, is larger than 64 MiB, or is no JSON: NaN, infinities, a name that
            stands twice in an object and nesting without end are none.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(content) > MOST_BYTES:
        raise DataError(f"{path} holds more than {MOST_BYTES:,} bytes: no description is that large")
    try:
        return json.loads(content, object_pairs_hook=_object, parse_constant=_constant)
    except ValueError as error:
        raise DataError(f"{path} is not JSON: {error}") from error
    except RecursionError:
        raise DataError(f"{path} is not JSON that can be read: it is nested too deeply") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the name {shown(name)} stands twice in an object")
        found[name] = value
    return found


def _constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")
