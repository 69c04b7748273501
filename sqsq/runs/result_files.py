"""Results as JSON files that are whole or absent."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqsq.errors import DataError, UsageError
from sqsq.files import has_digest, json_digest, write_whole

_CHECKSUM = "sha256"


@contextmanager
def results_in(directory: Path) -> Iterator[None]:
    """Make a directory if need be, and turn what goes wrong while writing into it into one line.

    Raises:
        UsageError: If it cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise UsageError(
            f"{error.filename or directory} cannot be written: {error.strerror or error}"
        ) from error


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Write one JSON object; a file that was there is replaced as a whole.

    Raises:
        OSError: If it cannot be written.
        ValueError: If a number is not finite.
    """
    write_whole(path, json.dumps(values, indent=1, allow_nan=False) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """Read what ``write_json`` wrote.

    Raises:
        DataError: If it is missing or holds no JSON object.
    """
    try:
        values = json.loads(path.read_bytes())
    except Exception as error:  # whatever json makes of damaged bytes
        raise DataError(f"{path} cannot be read: {error}") from error
    if not isinstance(values, dict):
        raise DataError(f"{path} holds no JSON object")
    return values


def write_measured(path: Path, values: dict[str, Any]) -> None:
    """Write one JSON object with a checksum; otherwise as ``write_json``."""
    write_json(path, {**values, _CHECKSUM: json_digest(values)})


def read_measured(path: Path) -> dict[str, Any]:
    """Read what ``write_measured`` wrote.

    Raises:
        DataError: If it is missing, damaged or edited.
    """
    values = read_json(path)
    mark = values.pop(_CHECKSUM, None)
    if not has_digest(mark, values):
        raise DataError(
            f"{path} was edited or is damaged, or an sqsq without checksums wrote it: remove it, and it is "
            "measured again"
        )
    return values
