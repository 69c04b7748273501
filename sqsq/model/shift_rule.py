"""The general parameter-shift rule (Wierichs et al., Quantum 6, 677, 2022)."""

from functools import lru_cache

import numpy as np

from sqsq.errors import UsageError


@lru_cache(maxsize=64)
def shift_rule(frequencies: tuple[float, ...]) -> tuple[tuple[float, float], ...]:
    """The exact derivative of a trigonometric polynomial from shifted values.

    Args:
        frequencies: Its R positive frequencies.

    Returns:
        R pairs (shift, coefficient): f'(x) = sum of coefficient * (f(x + shift) - f(x - shift)).

    Raises:
        UsageError: If there are none: the angle does not oscillate.
    """
    if not frequencies:
        raise UsageError("an angle that does not oscillate has no shift rule: use spsa")
    omega = np.array(sorted(frequencies))
    count = len(omega)
    shifts = (2 * np.arange(1, count + 1) - 1) * np.pi / (2 * count * omega[0])
    if not np.allclose(omega, omega[0] * np.arange(1, count + 1)):
        shifts = (2 * np.arange(1, count + 1) - 1) * np.pi / (2 * count * np.diff(omega, prepend=0).max())
    sines = np.sin(np.outer(omega, shifts))
    coefficients = np.linalg.solve(2 * sines, omega)
    return tuple(zip(shifts.tolist(), coefficients.tolist(), strict=True))
