"""What a run was asked to do, as its directory keeps it."""

from dataclasses import fields
from typing import Any

from sqsq.errors import DataError, SqsqError, UsageError
from sqsq.experiments.run_directory import RunDirectory
from sqsq.experiments.settings import TrainUspsSettings
from sqsq.experiments.stored_ansatz import ANSATZ_DEFINITION
from sqsq.jobs import Execution

EXPERIMENT = "train-usps"


def settings_of(directory: RunDirectory) -> TrainUspsSettings:
    """The settings of a run of this experiment; a user's own ansatz is registered.

    Raises:
        DataError: If the directory holds none, or another ansatz is registered under the name of its own.
    """
    config = directory.config()
    if config.get("experiment") != EXPERIMENT:
        raise DataError(f"{directory.path} is a run of {config.get('experiment')}, not of {EXPERIMENT}")
    try:
        return TrainUspsSettings.from_json(config["settings"])
    except SqsqError as error:
        raise DataError(f"{directory.path} {_why_unusable(config)}: {error}") from error


def _why_unusable(config: dict[str, Any]) -> str:
    """Another version's settings, or settings that cannot be used here and now."""
    known = {*(field.name for field in fields(TrainUspsSettings)), ANSATZ_DEFINITION}
    return (
        "cannot be used here"
        if set(config["settings"]) <= known
        else "was written by another version of sqsq"
    )


def execution_of(directory: RunDirectory) -> Execution:
    """How a run was carried out when it was begun.

    Raises:
        DataError: If that cannot be read.
    """
    try:
        return Execution(**directory.config()["execution"])
    except TypeError as error:
        raise DataError(f"{directory.path} was written by another version of sqsq: {error}") from error


def check_same_settings(asked: TrainUspsSettings, found: TrainUspsSettings, directory: RunDirectory) -> None:
    """A run goes on with the settings it began with; its data may have moved.

    Raises:
        UsageError: If another setting differs.
    """
    for field in fields(TrainUspsSettings):
        wanted, there = getattr(asked, field.name), getattr(found, field.name)
        if field.name in ("data_dir", "data_digest") or (field.name == "classes" and wanted == ()):
            continue  # data may have moved, and are compared themselves; all classes are those there were
        if field.name == "data" and asked.own_file and found.own_file:
            continue
        if wanted != there:
            raise UsageError(
                f"run directory {directory.path} holds a run with {field.name.replace('_', '-')} {there}, "
                f"not {wanted}: choose another directory or the same settings"
            )
