"""``config.json``: what a run was asked to do, with a checksum."""

import json
import platform
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqsq.errors import DataError
from sqsq.files import has_digest, json_digest, write_whole
from sqsq.runs.versions import package_versions

CONFIG = "config.json"
_CHECKSUM = "sha256"
_NAMES = {"run": str, "experiment": str, "settings": dict, "resources": dict, "packages": dict}


def write_config(
    path: Path,
    experiment: str,
    settings: dict[str, Any],
    resources: dict[str, Any],
    more: Mapping[str, Any] | None = None,
) -> str:
    """Write the configuration of a new run into its directory.

    Args:
        path: The directory.
        experiment: What kind of run it is.
        settings: What it was asked to do.
        resources: How it is carried out.
        more: What else belongs to it, by name.

    Returns:
        What tells the run from all others.

    Raises:
        OSError: If it cannot be written.
    """
    run = uuid.uuid4().hex
    config = {
        "run": run,
        "experiment": experiment,
        "settings": settings,
        "resources": resources,
        "python": platform.python_version(),
        "packages": package_versions(),
        **(more or {}),
    }
    config = json.loads(json.dumps(config))
    write_whole(
        path / CONFIG, json.dumps({**config, _CHECKSUM: json_digest(_lasting(config))}, indent=2) + "\n"
    )
    return run


def read_config(path: Path) -> dict[str, Any]:
    """Read the configuration of the run in a directory.

    Raises:
        DataError: If it is missing, damaged or edited.
    """
    file = path / CONFIG
    try:
        config = json.loads(file.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(f"{path} is not a run directory: it has no {CONFIG}") from None
    except Exception as error:  # whatever json makes of damaged bytes
        raise DataError(f"{file} cannot be read: {error}") from error
    if not isinstance(config, dict) or not all(isinstance(config.get(n), kind) for n, kind in _NAMES.items()):
        raise DataError(f"{file} is not the configuration of a run")
    mark = config.pop(_CHECKSUM, None)
    if mark is None:
        raise DataError(
            f"{file} has no checksum: it was edited, or an sqsq wrote it that made none yet (it says "
            f"{config['packages'].get('sqsq')}); put it back, or use the sqsq that wrote it"
        )
    if not has_digest(mark, _lasting(config)):
        raise DataError(f"{file} was edited or is damaged: it does not match its own checksum; put it back")
    return config


def _lasting(config: dict[str, Any]) -> dict[str, Any]:
    """All but where the data lie, which may change."""
    settings = dict(config["settings"])
    settings.pop("data_dir", None)
    if isinstance(settings.get("data"), dict):
        settings["data"] = {name: value for name, value in settings["data"].items() if name != "data_dir"}
    return {**config, "settings": settings}
