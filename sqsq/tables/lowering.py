"""The angle pi max(0, z), or pi z, of a sum over fed-forward spikes, as conditional rotations.

The angle is a function of n bits. Rotations about one axis add up, so it can be written exactly as a
sum of rotations, each conditional on an AND of bits, in two ways:

- **patterns**: one rotation for each pattern of all bits whose angle is not 0; one of them fires.
- **moebius**: one for each subset S of the bits, that fires where all of S are 1, by the angle
  m(S) = sum over R in S of (-1)^(|S| - |R|) phi(R). Where the sum cannot be negative only single bits
  are left, and their angles are pi w; so it is wherever nothing is rectified.
"""

from dataclasses import dataclass
from math import pi
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sqsq.errors import UsageError
from sqsq.model import angles_of_currents

FloatArray = NDArray[np.float64]
Lowering = Literal["patterns", "moebius"]

MAX_FAN_IN = 10
"""More fed-forward bits than this have too many patterns to look at."""
_NOTHING = 1e-12
"""Radians: what rounding leaves of a term that is zero."""


@dataclass(frozen=True)
class Condition:
    """An AND of bits; empty where a rotation is unconditional.

    Attributes:
        ones: Bits that must be 1, increasing.
        zeros: Bits that must be 0, increasing.
    """

    ones: tuple[int, ...] = ()
    zeros: tuple[int, ...] = ()

    @property
    def bits(self) -> int:
        """How many bits it looks at."""
        return len(self.ones) + len(self.zeros)


@dataclass(frozen=True, eq=False)
class LoweredAngle:
    """One current angle as conditional rotations.

    Attributes:
        form: Which of the two it is.
        conditions: When each rotation fires.
        angles: By how much, radians, shape (..., conditions), for each external current.
        error: The largest error of the angle that pruning can cause, radians.
    """

    form: Lowering
    conditions: tuple[Condition, ...]
    angles: FloatArray
    error: float

    @property
    def conditionals(self) -> int:
        """Rotations that wait for a bit."""
        return sum(condition.bits > 0 for condition in self.conditions)


def lower_angle(
    weights: FloatArray,
    external: FloatArray,
    *,
    form: Lowering | None = None,
    prune: float = 0.0,
    within: tuple[float, float] | None = None,
    rectified: bool = True,
) -> LoweredAngle:
    """Write pi max(0, external + weights . bits) as conditional rotations.

    Args:
        weights: One for each bit, shape (n,).
        external: Currents that do not depend on the bits, any shape.
        form: Which lowering; the one with fewer conditionals if None, then with fewer bits to look at.
        prune: Leave out terms of the Moebius form whose angle is at most this, radians.
        within: The lowest and the highest external current for which rotations must be there; those of
            ``external`` if None.
        rectified: Whether a sum that is negative turns nothing; else it turns backwards.

    Raises:
        UsageError: If there are too many bits, or the amount to prune is negative.
    """
    external = np.asarray(external, float)
    low, high = within or (external.min(initial=np.inf), external.max(initial=-np.inf))
    if low > high:  # no current at all
        low = high = 0.0
    chosen, conditions, error = choose_conditions(
        weights, (low, high), form=form, prune=prune, rectified=rectified
    )
    angles = rotation_angles(weights, external, chosen, conditions, rectified)
    return LoweredAngle(chosen, conditions, angles, error)


def choose_conditions(
    weights: FloatArray,
    within: tuple[float, float],
    *,
    form: Lowering | None = None,
    prune: float = 0.0,
    rectified: bool = True,
) -> tuple[Lowering, tuple[Condition, ...], float]:
    """Choose when to rotate, for all external currents of an interval.

    A term is a piecewise linear function of the external current, so it is nowhere larger than at the
    ends of the interval and where some pattern's sum changes sign.

    Args:
        weights: One for each bit, shape (n,).
        within: The lowest and the highest external current.
        form: See ``lower_angle``.
        prune: See ``lower_angle``.
        rectified: See ``lower_angle``.

    Returns:
        The lowering, its conditions, and the largest error that pruning can cause, radians.

    Raises:
        UsageError: As ``lower_angle``.
    """
    if not prune >= 0:
        raise UsageError(f"prune is {prune}: must not be negative")
    count = len(weights)
    never_cut = not rectified or within[0] + np.minimum(weights, 0).sum() >= 0
    if never_cut and form != "patterns":
        conditions = (Condition(), *(Condition((k,)) for k in range(count)))
        by_bit = np.broadcast_to(pi * weights, (2, count))
        terms = np.concatenate([pi * np.array(within)[:, None], by_bit], axis=-1)
        return _kept("moebius", conditions, terms, prune)
    if count > MAX_FAN_IN:
        raise UsageError(
            f"{count} fed-forward spikes into one neuron, some with negative weights, need up to "
            f"{2**count:,} conditionals: at most {MAX_FAN_IN} such edges; run the network layer by "
            "layer instead (--forward layered), or a recurrent one on the exact backend"
        )
    bits = (np.arange(2**count)[:, None] >> np.arange(count)) & 1
    turning = -(bits @ weights)
    inside = turning[(turning > within[0]) & (turning < within[1])]
    probes = np.unique([*within, *inside])
    forms = []
    for name in ("moebius", "patterns"):
        if form in (None, name):
            conditions = tuple(_condition_of(name, index, count) for index in range(2**count))
            terms = _all_terms(weights, probes, name, rectified)
            forms.append(_kept(name, conditions, terms, prune if name == "moebius" else 0.0))
    return min(forms, key=lambda kept: (sum(c.bits > 0 for c in kept[1]), sum(c.bits for c in kept[1])))


def rotation_angles(
    weights: FloatArray,
    external: FloatArray,
    form: Lowering,
    conditions: tuple[Condition, ...],
    rectified: bool = True,
) -> FloatArray:
    """The angles of chosen rotations.

    Args:
        weights: One for each bit, shape (n,).
        external: Currents that do not depend on the bits, any shape.
        form: The lowering.
        conditions: When each rotation fires, ``choose_conditions``.
        rectified: See ``lower_angle``.

    Returns:
        Radians, shape (..., conditions).
    """
    if all(condition.bits <= 1 for condition in conditions) and form == "moebius":
        sums = np.array([sum(weights[k] for k in condition.ones) for condition in conditions])
        bare = np.array([condition.bits == 0 for condition in conditions], bool)
        turned = angles_of_currents(external[..., None] + sums, rectified)
        alone: FloatArray = turned - np.where(bare, 0.0, angles_of_currents(external, rectified)[..., None])
        return alone
    places = [sum(1 << k for k in condition.ones) for condition in conditions]
    chosen: FloatArray = _all_terms(weights, external, form, rectified)[..., places]
    return chosen


def _condition_of(form: Lowering, index: int, count: int) -> Condition:
    """The condition of a term; bit k of its index says whether bit k must be 1."""
    ones = tuple(k for k in range(count) if index >> k & 1)
    zeros = tuple(k for k in range(count) if not index >> k & 1)
    return Condition(ones) if form == "moebius" else Condition(ones, zeros)


def _all_terms(weights: FloatArray, external: FloatArray, form: Lowering, rectified: bool) -> FloatArray:
    """The angle of every term, shape (..., 2^n)."""
    count = len(weights)
    bits = (np.arange(2**count)[:, None] >> np.arange(count)) & 1
    terms = angles_of_currents(np.asarray(external)[..., None] + bits @ weights, rectified)
    for k in range(count if form == "moebius" else 0):
        split = terms.reshape(*terms.shape[:-1], 2 ** (count - 1 - k), 2, 2**k)
        split[..., 1, :] -= split[..., 0, :]
    return terms


def _kept(
    form: Lowering, conditions: tuple[Condition, ...], terms: FloatArray, prune: float
) -> tuple[Lowering, tuple[Condition, ...], float]:
    """Leave out what never turns anything, and what is to be pruned; terms are (probes, conditions)."""
    largest = np.abs(terms).max(axis=0)
    conditional = np.array([condition.bits > 0 for condition in conditions], bool)
    needed = largest > np.where(conditional, max(prune, _NOTHING), _NOTHING)
    error = float(np.abs(terms[:, ~needed]).sum(axis=1).max()) if prune else 0.0
    return form, tuple(conditions[k] for k in np.flatnonzero(needed)), error
