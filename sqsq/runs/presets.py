"""``train_usps``: the preset that the paper's runs on handwritten digits are."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqsq.checks import plain_value, shown
from sqsq.data import digit_classes
from sqsq.errors import UsageError
from sqsq.jobs import Resources
from sqsq.runs.groups import ARRAYS
from sqsq.runs.run_directory import RunDirectory
from sqsq.runs.settings import RunSettings
from sqsq.runs.trained_run import TrainedRun
from sqsq.runs.training import train

USPS_DIGITS = (1, 7)
"""Those of the paper."""
GRADIENTS = {"shots": "local", "ideal": "ideal"}
"""What ``--gradient`` chooses: from shots, or exact; and the models that learn so."""


def usps_settings(changes: dict[str, Any], *, defaults: bool = True) -> dict[str, Any]:
    """Settings by name, of those of ``train-usps``: ``digits`` become classes, ``gradient`` the model.

    Args:
        changes: What is asked for.
        defaults: Whether what is not asked for is as ``train-usps`` has it, or left out.

    Raises:
        UsageError: If they are none, or contradict others.
    """
    changes = dict(changes)
    data = changes.get("data", "usps")
    own = isinstance(data, str | Path) and (data == ARRAYS or str(data).endswith(".npz"))
    if "digits" in changes:
        digits = changes.pop("digits")
        if "classes" in changes or own:
            raise UsageError(f"digits are of data sets of digits: name the classes of {data} (classes)")
        changes["classes"] = digit_classes(digits)
    elif defaults and "classes" not in changes and not own:
        changes["classes"] = digit_classes(USPS_DIGITS)
    if "gradient" in changes:
        gradient = changes.pop("gradient")
        if not isinstance(gradient, str) or gradient not in GRADIENTS:
            raise UsageError(f"unknown gradient {shown(gradient)}: choose from {', '.join(GRADIENTS)}")
        if changes.setdefault("model", GRADIENTS[gradient]) != GRADIENTS[gradient]:
            raise UsageError(f"gradient {gradient} is that of the model {GRADIENTS[gradient]}")
    return changes


def train_usps(
    settings: RunSettings | None = None,
    *,
    run_dir: Path | str | None = None,
    resume: bool = False,
    resources: Resources | None = None,
    on_event: Callable[[Any], None] | None = None,
    progress: bool = False,
    **changes: Any,
) -> TrainedRun:
    """Train the local rule on handwritten digits, USPS 1 against 7 by default; see ``train``.

    Args:
        settings: See ``train``.
        run_dir: See ``train``.
        resume: See ``train``.
        resources: See ``train``.
        on_event: See ``train``.
        progress: See ``train``.
        **changes: Settings to change, by name, and ``digits`` in place of ``classes``, ``gradient``
            (``shots`` or ``ideal``) in place of the model.
    """
    going_on = settings is not None
    if resume and (path := plain_value(run_dir, Path | None, "run-dir")) is not None:
        going_on = going_on or RunDirectory(path).holds_run
    changes = usps_settings(changes, defaults=not going_on)
    return train(
        settings=settings,
        run_dir=run_dir,
        resume=resume,
        resources=resources,
        on_event=on_event,
        progress=progress,
        **changes,
    )
