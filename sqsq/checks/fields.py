"""Fields of settings: what is handed over becomes a plain Python value, or is refused in one line.

Numbers and text of NumPy, lists in place of tuples, text in place of paths and a single number in place of a
tuple of one are taken for what they mean. Booleans are no numbers, text is no number, and 2.5 is no count.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from functools import cache
from math import isfinite
from numbers import Integral, Real
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from sqsq.checks.shown import shown
from sqsq.errors import UsageError

Settings = TypeVar("Settings")
LARGEST = 2**63 - 1
"""Larger whole numbers fit neither into arrays nor into most files."""


@dataclass(frozen=True)
class Within:
    """What a number may be, as an annotation; None where that is not stated.

    Attributes:
        low: The least.
        high: The most.
        positive: Whether it must be above 0.
    """

    low: float | None = None
    high: float | None = None
    positive: bool = False


@dataclass(frozen=True)
class Remedy:
    """What to do in place of what was done, as an annotation."""

    words: str


def make_plain(settings: Any, names: Mapping[str, str] | None = None) -> None:
    """Replace each field of a frozen dataclass by the plain value that its annotation asks for.

    Args:
        settings: The dataclass, while it is being made.
        names: What fields are called in errors where it is not their own name with dashes.

    Raises:
        UsageError: If a value is none of that kind, or not within its bounds.
    """
    for field, kind in _kinds(settings.__class__).items():
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
            close = get_close_matches(str(name), known, n=1)
            meant = f" (did you mean {close[0]}?)" if close else ""
            raise UsageError(f"unknown setting {shown(name)}{meant}: settings are {', '.join(known)}")


def plain_value(value: Any, kind: Any, name: str) -> Any:
    """A value as a plain one of the kind that an annotation names.

    Raises:
        UsageError: If it is of another kind, or not within its bounds.
    """
    bounds, remedy = Within(), ""
    while get_origin(kind) is Annotated:
        kind, *notes = get_args(kind)
        bounds = next((note for note in notes if isinstance(note, Within)), bounds)
        remedy = next((f" ({note.words})" for note in notes if isinstance(note, Remedy)), remedy)
    if get_origin(kind) in (Union, UnionType):
        return _one_of(value, get_args(kind), name)
    if get_origin(kind) is Literal:
        if not isinstance(value, str) or value not in get_args(kind):
            raise UsageError(f"unknown {name} {shown(value)}: choose from {', '.join(get_args(kind))}")
        return str(value)
    if get_origin(kind) is tuple:
        members = enumerate(_members(value, kind, name))
        return tuple(plain_value(each, get_args(kind)[0], f"{name}[{i}]") for i, each in members)
    found = _converted(value, kind)
    if found is None or (bounds.positive and not found > 0):
        allowed = "a positive number" if bounds.positive else _described(kind) + _spelled(bounds)
        raise UsageError(f"{name} is {shown(value)}: must be {allowed}{remedy}")
    if kind in (int, float):
        _check_bounds(found, bounds, name)
    return found


@cache
def _kinds(settings: type) -> dict[str, Any]:
    """The annotations of the fields of a dataclass."""
    hints = get_type_hints(settings, include_extras=True)
    return {field.name: hints[field.name] for field in fields(settings)}


def _one_of(value: Any, kinds: Sequence[Any], name: str) -> Any:
    """A value of the first kind that takes it."""
    if value is None and type(None) in kinds:
        return None
    kinds = [kind for kind in kinds if kind is not type(None)]
    if len(kinds) == 1:
        return plain_value(value, kinds[0], name)
    for kind in kinds:
        if get_origin(kind) is Literal and isinstance(value, str) and value in get_args(kind):
            return str(value)
        if get_origin(kind) is not Literal and _converted(value, kind) is not None:
            return plain_value(value, kind, name)
    allowed = " or ".join(_described(kind) for kind in kinds)
    raise UsageError(f"{name} is {shown(value)}: must be {allowed}")


def _members(value: Any, kind: Any, name: str) -> Sequence[Any]:
    """What a list, a tuple, a range or an array of one axis holds; a single value alone."""
    member = get_args(kind)[0]
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return list(value)
    if isinstance(value, list | tuple | range):
        return value
    if _bare(member) in (int, float) and _converted(value, _bare(member)) is not None:
        return [value]
    raise UsageError(f"{name} is {shown(value)}: must be {_described(kind)}")


def _bare(kind: Any) -> Any:
    """A kind without its annotations."""
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _converted(value: Any, kind: Any) -> Any:
    """A value as a plain one of a simple kind, or None."""
    if kind is bool:
        return bool(value) if isinstance(value, bool | np.bool_) else None
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if kind is int:
        return int(value) if isinstance(value, Integral) and not isinstance(value, bool) else None
    if kind is float:
        return _finite(value)
    if kind is str:
        return str(value) if isinstance(value, str) else None
    if kind is Path:
        return _path(value)
    return value if isinstance(value, kind) else None


def _finite(value: Any) -> float | None:
    if not isinstance(value, Real) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:  # a whole number beyond all floats
        return None
    return number if isfinite(number) else None


def _path(value: Any) -> Path | None:
    """A path that the system can be asked about; the empty one is none."""
    if not isinstance(value, str | os.PathLike) or not str(value) or "\0" in str(value):
        return None
    try:
        os.fsencode(str(value))
    except UnicodeEncodeError:
        return None
    return Path(str(value))


def _check_bounds(number: float, bounds: Within, name: str) -> None:
    low, high = bounds.low, bounds.high
    if isinstance(number, int):
        low, high = -LARGEST if low is None else low, LARGEST if high is None else high
    if low is not None and number < low:
        raise UsageError(f"{name} is {shown(number)}: at least {low:,}")
    if high is not None and number > high:
        raise UsageError(f"{name} is {shown(number)}: at most {high:,}")


def _spelled(bounds: Within) -> str:
    low = "" if bounds.low is None else f", at least {bounds.low:,}"
    return low + ("" if bounds.high is None else f", at most {bounds.high:,}")


def _described(kind: Any) -> str:
    """What a kind is called."""
    kind = _bare(kind)
    if get_origin(kind) is Literal:
        return ", ".join(get_args(kind))
    if get_origin(kind) is tuple:
        return f"a list, each of it {_described(get_args(kind)[0])}"
    named = {
        bool: "true or false",
        int: "a whole number",
        float: "a finite number",
        str: "text",
        Path: "a path",
    }
    return named.get(kind) or f"{'an' if kind.__name__[0] in 'AEIO' else 'a'} {kind.__name__}"
