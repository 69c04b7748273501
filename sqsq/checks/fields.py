"""Dataclasses of settings: what is handed over becomes plain values, or is refused in one line."""

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any, get_type_hints

from sqsq.checks.plain import plain_value


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


@cache
def kinds_of(settings: type) -> dict[str, Any]:
    """The annotations of the fields of a dataclass."""
    hints = get_type_hints(settings, include_extras=True)
    return {field.name: hints[field.name] for field in fields(settings)}
