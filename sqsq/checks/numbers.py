"""Checks of single numbers and names; what passes is returned as a plain Python value."""

from collections.abc import Sequence
from math import isfinite
from numbers import Integral, Real
from typing import Any

import numpy as np

from sqsq.checks.shown import shown
from sqsq.errors import UsageError

LARGEST = 2**63 - 1
"""Larger whole numbers fit neither into arrays nor into most files."""


def whole_number(value: Any, name: str, low: int | None = None, high: int | None = None) -> int:
    """A whole number, of Python or NumPy; neither a bool nor a float.

    Raises:
        UsageError: If it is something else, or beyond its bounds.
    """
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise UsageError(f"{name} is {shown(value)}: must be a whole number")
    number = int(value)
    if abs(number) > LARGEST:
        raise UsageError(f"{name} is {shown(value)}: at most {LARGEST:,} either way")
    _check_bounds(number, name, low, high)
    return number


def whole_numbers(values: Any, name: str) -> tuple[int, ...]:
    """Whole numbers in a sequence or an array with one axis.

    Raises:
        UsageError: If it is something else.
    """
    try:
        listed = list(values)
    except TypeError as error:
        raise UsageError(f"{name} are {shown(values)}: must be a sequence of whole numbers") from error
    return tuple(whole_number(value, f"one of the {name}") for value in listed)


def real_number(value: Any, name: str, low: float | None = None, high: float | None = None) -> float:
    """A finite number, of Python or NumPy; not a bool.

    Raises:
        UsageError: If it is something else, or beyond its bounds.
    """
    number = finite_or_none(value)
    if number is None:
        raise UsageError(f"{name} is {shown(value)}: must be a finite number")
    _check_bounds(number, name, low, high)
    return number


def positive_number(value: Any, name: str) -> float:
    """A finite number above 0.

    Raises:
        UsageError: If it is something else.
    """
    number = finite_or_none(value)
    if number is None or not number > 0:
        raise UsageError(f"{name} is {shown(value)}: must be a positive number")
    return number


def choice(value: Any, name: str, allowed: Sequence[str]) -> None:
    """Raise UsageError unless a value is one of some names."""
    if not isinstance(value, str) or value not in allowed:
        raise UsageError(f"unknown {name} {shown(value)}: choose from {', '.join(allowed)}")


def random_generator(rng: Any) -> None:
    """Raise UsageError unless something is a source of random numbers."""
    if not isinstance(rng, np.random.Generator):
        raise UsageError(f"rng is {shown(rng)}: must be a generator, such as numpy.random.default_rng(0)")


def finite_or_none(value: Any) -> float | None:
    """A finite number as a float; None where it is something else."""
    if not isinstance(value, Real) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:  # a whole number beyond all floats
        return None
    return number if isfinite(number) else None


def _check_bounds(number: float, name: str, low: float | None, high: float | None) -> None:
    if (low is None or low <= number) and (high is None or number <= high):
        return
    if high is None:
        raise UsageError(f"{name} is {number}: at least {low}")
    if low is None:
        raise UsageError(f"{name} is {number}: at most {high}")
    raise UsageError(f"{name} is {number}: must be {low} to {high}")
