"""``calibration.json``: the measured readout of a run, with a checksum; other runs may use it."""

import json
from pathlib import Path
from typing import Any

from sqsq.errors import DataError
from sqsq.estimation import Calibration
from sqsq.files import has_digest, json_digest, write_whole

_CHECKSUM = "sha256"


def write_calibration(path: Path, calibration: Calibration, run: str) -> None:
    """Write the calibration of a run, replacing the file only once all is written.

    Raises:
        OSError: If it cannot be written.
    """
    content = json.loads(json.dumps({"run": run, **calibration.to_json()}))
    write_whole(path, json.dumps({**content, _CHECKSUM: json_digest(content)}))


def read_calibration(path: Path) -> Calibration:
    """Read the calibration that a run wrote, whichever it was.

    Raises:
        DataError: If the file is missing, damaged, edited or no calibration.
        BackendError: If a matrix in it cannot be inverted.
    """
    try:
        content: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path} cannot be read as a calibration: {error.strerror or error}") from error
    except Exception as error:  # whatever json makes of damaged bytes
        raise DataError(f"{path} cannot be read as a calibration: {error}") from error
    if not isinstance(content, dict) or "matrices" not in content:
        raise DataError(f"{path} holds no readout calibration")
    mark = content.pop(_CHECKSUM, None)
    if mark is None:
        raise DataError(f"{path} has no checksum: an earlier sqsq or somebody else wrote it; calibrate again")
    if not has_digest(mark, content):
        raise DataError(
            f"{path} was edited or is damaged: it does not match its own checksum; calibrate again"
        )
    return Calibration.from_json(content)
