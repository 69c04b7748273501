"""Values of any kind as plain Python values of the kind that an annotation names.

Numbers and text of NumPy, lists in place of tuples, text in place of paths and a single number in place of a
tuple of one are taken for what they mean. Booleans are no numbers, text is no number, and 2.5 is no count.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import numpy as np

from sqsq.checks.numbers import LARGEST, finite_or_none
from sqsq.checks.shown import shown
from sqsq.errors import UsageError


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


@dataclass(frozen=True)
class Says:
    """What a setting is, as an annotation: the one text for its option and for its documentation.

    Attributes:
        words: A line or two.
        name: What it is called among all settings, where that is not the name of the field.
        metavar: What stands for its value, where that says more than its kind.
        empty: What an empty value or None means, where there is something to say.
    """

    words: str
    name: str | None = None
    metavar: str | None = None
    empty: str | None = None


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
    if kind is Any:
        return value
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
        return finite_or_none(value)
    if kind is str:
        return str(value) if isinstance(value, str) else None
    if kind is Path:
        return _path(value)
    return value if isinstance(value, kind) else None


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
