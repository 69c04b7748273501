"""Dataclasses of settings: what is handed over becomes plain values, or is refused in one line."""

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache
from typing import Any, TypeVar, get_type_hints

from sqsq.checks.plain import plain_value
from sqsq.checks.shown import shown
from sqsq.checks.suggestion import did_you_mean
from sqsq.errors import UsageError

Settings = TypeVar("Settings")


def make_plain(settings: Any, names: Mapping[str, str] | None = None) -> None:
    """Replace each field of a frozen dataclass by the plain value that its annotation asks for.

    Args:
        settings: The dataclass, while it is being made.
        names: What fields are called in errors where it is not their own name with dashes.

    Raises:
        UsageError: If a value is none of that kind, or not within its bounds.
    """
    for field, kind in kinds_of(settings.__class__).items():
        name = (names or {}).get(field, field.replace("_", "-"))
        object.__setattr__(settings, field, plain_value(getattr(settings, field), kind, name))


def settings_with(kind: type[Settings], settings: Settings | None, changes: Mapping[str, Any]) -> Settings:
    """Settings with some of them changed.

    Args:
        kind: The dataclass of the settings.
        settings: The settings to change; the defaults if None.
        changes: New values by name.

    Raises:
        UsageError: If these are no such settings, there is no setting of a name, or a value is not allowed.
    """
    if settings is not None and not isinstance(settings, kind):
        raise UsageError(f"settings are {shown(settings)}: must be {kind.__name__}")
    check_names(kind, changes)
    return kind(**changes) if settings is None else replace(settings, **changes)  # type: ignore[type-var]


def check_names(kind: Any, changes: Mapping[str, Any]) -> None:
    """Raise UsageError if a name is none of the settings of a dataclass."""
    known = [field.name for field in fields(kind)]
    for name in changes:
        if name not in known:
            meant = did_you_mean(name, known)
            raise UsageError(f"unknown setting {shown(name)}{meant}: settings are {', '.join(known)}")


@cache
def kinds_of(settings: type) -> dict[str, Any]:
    """The annotations of the fields of a dataclass."""
    hints = get_type_hints(settings, include_extras=True)
    return {field.name: hints[field.name] for field in fields(settings)}
