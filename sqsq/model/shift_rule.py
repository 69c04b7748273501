"""The general parameter-shift rule (Wierichs et al., Quantum 6, 677, 2022)."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from sqsq.checks import real_array
from sqsq.errors import UsageError

_WORST_CONDITION = 1e8
"""Of the equations for the coefficients; beyond, half of their digits are lost."""


def shift_rule(frequencies: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """The exact derivative of a trigonometric polynomial from shifted values.

    Args:
        frequencies: Its R positive frequencies.

    Returns:
        R pairs (shift, coefficient): f'(x) = sum of coefficient * (f(x + shift) - f(x - shift)).

    Raises:
        UsageError: If there are none: the angle does not oscillate. Or if one is not a positive number or is
            given twice, or they are so near each other that they cannot be told apart.
    """
    omega = real_array(frequencies, "frequencies", ("frequencies",), low=0, may_be_empty=("frequencies",))
    if not omega.size:
        raise UsageError("an angle that does not oscillate has no shift rule: use spsa")
    listed = tuple(sorted(omega.tolist()))
    if listed[0] == 0 or len(set(listed)) < len(listed):
        raise UsageError(f"frequencies {listed}: must be positive, and no two alike")
    return _solve(listed)


@lru_cache(maxsize=64)
def _solve(frequencies: tuple[float, ...]) -> tuple[tuple[float, float], ...]:
    omega = np.array(frequencies)
    count = len(omega)
    shifts = (2 * np.arange(1, count + 1) - 1) * np.pi / (2 * count * omega[0])
    if not np.allclose(omega, omega[0] * np.arange(1, count + 1)):
        shifts = (2 * np.arange(1, count + 1) - 1) * np.pi / (2 * count * np.diff(omega, prepend=0).max())
    sines = np.sin(np.outer(omega, shifts))
    if not np.linalg.cond(sines) < _WORST_CONDITION:
        raise UsageError(f"frequencies {frequencies}: no shifts tell them apart")
    coefficients = np.linalg.solve(2 * sines, omega)
    return tuple(zip(shifts.tolist(), coefficients.tolist(), strict=True))
