"""What a run was asked to do, as its directory keeps it."""

from dataclasses import dataclass
from typing import Any

from sqsq.errors import DataError, SqsqError, UsageError
from sqsq.jobs import Resources
from sqsq.runs.examples import KnownData
from sqsq.runs.run_directory import RunDirectory
from sqsq.runs.settings import RunSettings, differences

EXPERIMENT, EVALUATION = "train", "evaluate"
"""What kinds of runs there are."""
_EARLIER = ("train-usps", "train-reservoir")
DATA, GIVEN_PARTS = "data", "given"
"""What a configuration holds beside settings: what is known of the examples, and parts a program gave."""


@dataclass(frozen=True)
class StoredRun:
    """What was asked for.

    Attributes:
        settings: The settings.
        known: What the run keeps of its examples.
        given: Parts that a program handed over, and that it must hand over again: ``optimizer``, ``rule``.
    """

    settings: RunSettings
    known: KnownData
    given: tuple[str, ...]


def stored_run(directory: RunDirectory) -> StoredRun:
    """What a run was asked to do; a user's own ansatz is registered.

    Raises:
        DataError: If the directory holds no run, one of an earlier sqsq or another experiment, or one that
            cannot be used here, such as of a model that is not registered.
    """
    config = directory.config()
    experiment = config.get("experiment")
    if experiment in _EARLIER:
        raise DataError(
            f"{directory.path} is a run of {experiment}, which an earlier version of sqsq "
            f"({config['packages'].get('sqsq')}) began: this one cannot read it; use the sqsq that began it"
        )
    if experiment == EVALUATION:
        raise DataError(
            f"{directory.path} is an evaluation on a device, not a training: the same sqsq evaluate goes on "
            "with it, and sqsq cancel stops it"
        )
    if experiment != EXPERIMENT:
        raise DataError(f"{directory.path} is a run of {experiment}, not of {EXPERIMENT}")
    try:
        settings = RunSettings.from_json(config["settings"])
        known = KnownData.from_json(config.get(DATA))
    except SqsqError as error:
        raise DataError(f"{directory.path} cannot be used here: {error}") from error
    return StoredRun(settings, known, tuple(map(str, config.get(GIVEN_PARTS, ()))))


def settings_of(directory: RunDirectory) -> RunSettings:
    """The settings of a run; see ``stored_run``."""
    return stored_run(directory).settings


def resources_of(directory: RunDirectory) -> Resources:
    """How a run was carried out when it was begun.

    Raises:
        DataError: If that cannot be read.
    """
    try:
        return Resources(**directory.config()["resources"])
    except TypeError as error:
        raise DataError(f"{directory.path} was written by another version of sqsq: {error}") from error


def check_same_settings(asked: RunSettings, found: RunSettings, directory: RunDirectory) -> None:
    """A run goes on with the settings it began with; its data may have moved.

    Raises:
        UsageError: If another setting differs.
    """
    for name, wanted, there in differences(asked, found):
        raise UsageError(
            f"run directory {directory.path} holds a run with {name.replace('_', '-')} {_shown(there)}, not "
            f"{_shown(wanted)}: choose another directory or the same settings"
        )


def _shown(value: Any) -> str:
    return ",".join(map(str, value)) or "all" if isinstance(value, tuple) else str(value)
