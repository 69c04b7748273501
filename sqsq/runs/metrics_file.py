"""The lines of ``metrics.jsonl``: JSON objects, each with the checksum of its values and its run."""

import json
from pathlib import Path
from typing import Any

from sqsq.errors import JobError
from sqsq.files import has_digest, json_digest

METRICS = "metrics.jsonl"
_CHECKSUM = "sha256"


def metrics_line(values: dict[str, Any], run: str) -> str:
    """One line, with its end."""
    return json.dumps({**values, _CHECKSUM: json_digest([run, values])}) + "\n"


def read_metrics(path: Path, run: str, iterations: int | None = None) -> list[dict[str, Any]]:
    """Read lines and check that they are the run's, whole, and in order.

    Args:
        path: The file.
        run: The run that must have written them.
        iterations: How many to read; all if None, but for a last one that was cut off.

    Raises:
        JobError: If a line is damaged, edited, missing, out of order or another run's.
    """
    try:
        texts = path.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        texts = []
    except OSError as error:
        raise JobError(f"{path} cannot be read: {error.strerror or error}") from error
    if iterations is not None and len(texts) < iterations:
        raise JobError(
            f"{path} has {len(texts)} of the {iterations} iterations that checkpoint.npz has passed: put the "
            "file back, or remove checkpoint.npz too, and resuming does them again (the ledger keeps what "
            "was sent)"
        )
    lines = []
    for number, text in enumerate(texts[:iterations], start=1):
        values = _values(text, run)
        if values is None:
            raise JobError(
                f"{path}: line {number} is damaged, edited or another run's: it does not match its checksum"
            )
        if values.get("iteration", number) != number:
            raise JobError(f"{path}: line {number} is of iteration {values['iteration']}: lines were moved")
        lines.append(values)
    return lines


def _values(text: bytes, run: str) -> dict[str, Any] | None:
    """The values of a line; None if it does not match its checksum."""
    try:
        values = json.loads(text)
        mark = values.pop(_CHECKSUM)
        return values if has_digest(mark, [run, values]) else None
    except Exception:  # whatever json makes of damaged bytes
        return None
