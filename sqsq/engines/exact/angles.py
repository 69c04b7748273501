"""Cosine and sine made of float64 additions and products alone: the same bits on every machine.

NumPy takes its own from other libraries on other processors. The error of these is below 2e-16 for
angles up to ``REACH`` and below 3e-16 for any other finite one: whole turns are taken off exactly.
"""

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
REACH = 2.0**30
"""Angles up to here are reduced by float64 products that are exact, larger ones by integers."""

_BITS = 1200
"""Binary places of a turn: the largest float64 is below 2^1024."""
_BLOCK = 4_096
"""Angles worked on at once: few enough to stay in a processor's cache."""


def within_reach(angles: ArrayLike) -> FloatArray:
    """Finite angles of any shape, those beyond ``REACH`` less whole turns: float64, contiguous, writeable."""
    given = np.require(angles, np.float64, ["C", "W"])
    if max(given.max(initial=0.0), -given.min(initial=0.0)) <= REACH:
        return given
    reduced = given.copy()
    far = np.abs(reduced) > REACH
    reduced[far] = [_less_whole_turns(angle) for angle in reduced[far].tolist()]
    return reduced


def cosine_and_sine(angles: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """The cosine and the sine of finite angles, radians, any shape."""
    reduced = within_reach(angles)
    cosine, sine = np.empty_like(reduced), np.empty_like(reduced)
    flat = (reduced.reshape(-1), cosine.reshape(-1), sine.reshape(-1))
    for first in range(0, reduced.size, _BLOCK):
        x, c, s = (part[first : first + _BLOCK] for part in flat)
        c[:], s[:] = _of_block(x)
    return cosine, sine


def _of_block(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Reduce to (-pi/4, pi/4) by Cody and Waite, then the polynomials of fdlibm."""
    k = np.floor(x * 0.6366197723675814 + 0.5)
    # pi/2 in parts of 23 bits: products with whole numbers below 2^30 are exact
    r = x - k * 1.570796251296997
    r -= k * 7.549789415861596e-08
    r -= k * 5.39030083589187e-15
    r -= k * 2.0222662487959506e-21
    z = r * r
    s = _polynomial(z, _SINE)
    s *= r * z
    s += r
    c = _polynomial(z, _COSINE)
    c *= z * z
    c += 1.0 - 0.5 * z
    quadrant = k.astype(np.int64)
    odd = (quadrant & 1).astype(bool)
    sine, cosine = np.where(odd, c, s), np.where(odd, s, c)
    np.negative(sine, out=sine, where=(quadrant & 2).astype(bool))
    np.negative(cosine, out=cosine, where=((quadrant + 1) & 2).astype(bool))
    return cosine, sine


_SINE = (
    1.58969099521155010221e-10,
    -2.50507602534068634195e-08,
    2.75573137070700676789e-06,
    -1.98412698298579493134e-04,
    8.33333333332248946124e-03,
    -1.66666666666666324348e-01,
)
_COSINE = (
    -1.13596475577881948265e-11,
    2.08757232129817482790e-09,
    -2.75573143513906633035e-07,
    2.48015872894767294178e-05,
    -1.38888888888741095749e-03,
    4.16666666666666019037e-02,
)


def _polynomial(z: FloatArray, coefficients: tuple[float, ...]) -> FloatArray:
    """Horner's rule, the highest power first."""
    total = np.full_like(z, coefficients[0])
    for coefficient in coefficients[1:]:
        total *= z
        total += coefficient
    return total


def _less_whole_turns(angle: float) -> float:
    """What is left of an angle after whole turns, in [-pi, pi), correctly rounded."""
    numerator, denominator = angle.as_integer_ratio()
    half = _turn() // 2
    return (((numerator << _BITS) // denominator + half) % _turn() - half) / (1 << _BITS)


@cache
def _turn() -> int:
    """2 pi with ``_BITS`` binary places, by Machin's formula."""
    unit = 1 << (_BITS + 32)
    return 8 * (4 * _arc_of_inverse(5, unit) - _arc_of_inverse(239, unit)) >> 32


def _arc_of_inverse(number: int, unit: int) -> int:
    """The angle whose tangent is 1 / number, in the given unit."""
    power = total = unit // number
    divisor = 1
    while power:
        power //= -number * number
        divisor += 2
        total += power // divisor
    return total
