"""The rectified angle pi max(0, z) of a sum over fed-forward spikes, as conditional rotations.

The angle is a function of n bits. Rotations about one axis add up, so it can be written exactly as a
sum of rotations, each conditional on an AND of bits, in two ways:

- **patterns**: one rotation for each pattern of all bits whose angle is positive; one of them fires.
- **moebius**: one for each subset S of the bits, that fires where all of S are 1, by the angle
  m(S) = sum over R in S of (-1)^(|S| - |R|) phi(R). Where the sum cannot be negative only single bits
  are left, and their angles are pi w.
"""

from dataclasses import dataclass
from math import pi
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sqsq.errors import UsageError

FloatArray = NDArray[np.float64]
Lowering = Literal["patterns", "moebius"]

MAX_FAN_IN = 12
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
    weights: FloatArray, external: FloatArray, *, form: Lowering | None = None, prune: float = 0.0
) -> LoweredAngle:
    """Write pi max(0, external + weights . bits) as conditional rotations.

    Args:
        weights: One for each bit, shape (n,).
        external: Currents that do not depend on the bits, any shape.
        form: Which lowering; the one with fewer conditionals if None, then with fewer bits to look at.
        prune: Leave out terms of the Moebius form whose angle is at most this, radians.

    Raises:
        UsageError: If there are too many bits, or the amount to prune is negative.
    """
    if not prune >= 0:
        raise UsageError(f"prune is {prune}: must not be negative")
    external = np.asarray(external, float)
    lowest = external.min(initial=0.0) + np.minimum(weights, 0).sum()
    if lowest >= 0 and form != "patterns":
        return _linear(weights, external, prune)
    if len(weights) > MAX_FAN_IN:
        raise UsageError(
            f"{len(weights)} fed-forward spikes into one neuron, some with negative weights, need up to "
            f"{2 ** len(weights):,} conditionals: at most {MAX_FAN_IN} such edges; run the network layer by "
            "layer instead (--execution layered)"
        )
    forms = [
        build(weights, external, prune)
        for name, build in (("moebius", _moebius), ("patterns", _patterns))
        if form in (None, name)
    ]
    return min(forms, key=lambda lowered: (lowered.conditionals, sum(c.bits for c in lowered.conditions)))


def _linear(weights: FloatArray, external: FloatArray, prune: float) -> LoweredAngle:
    """Nothing is rectified: one rotation for each bit."""
    conditions = (Condition(), *(Condition((k,)) for k in range(len(weights))))
    by_bit = np.broadcast_to(pi * weights, (*external.shape, len(weights)))
    angles = np.concatenate([pi * external[..., None], by_bit], axis=-1)
    return _kept("moebius", conditions, angles, prune)


def _pattern_angles(weights: FloatArray, external: FloatArray) -> FloatArray:
    """Phi of every pattern, shape (..., 2^n); bit k of the index is bit k of the pattern."""
    count = len(weights)
    bits = (np.arange(2**count)[:, None] >> np.arange(count)) & 1
    return pi * np.maximum(external[..., None] + bits @ weights, 0.0)


def _moebius(weights: FloatArray, external: FloatArray, prune: float) -> LoweredAngle:
    angles = _pattern_angles(weights, external)
    count = len(weights)
    for k in range(count):
        split = angles.reshape(*external.shape, 2 ** (count - 1 - k), 2, 2**k)
        split[..., 1, :] -= split[..., 0, :]
    conditions = tuple(
        Condition(tuple(k for k in range(count) if index >> k & 1)) for index in range(2**count)
    )
    return _kept("moebius", conditions, angles, prune)


def _patterns(weights: FloatArray, external: FloatArray, prune: float) -> LoweredAngle:
    angles = _pattern_angles(weights, external)
    count = len(weights)
    conditions = tuple(
        Condition(
            tuple(k for k in range(count) if index >> k & 1),
            tuple(k for k in range(count) if not index >> k & 1),
        )
        for index in range(2**count)
    )
    return _kept("patterns", conditions, angles, 0.0)


def _kept(
    form: Lowering, conditions: tuple[Condition, ...], angles: FloatArray, prune: float
) -> LoweredAngle:
    """Leave out what never turns anything, and what is to be pruned."""
    rows = angles.reshape(-1, len(conditions))
    largest = np.abs(rows).max(axis=0, initial=0.0)
    conditional = np.array([condition.bits > 0 for condition in conditions], bool)
    needed = largest > np.where(conditional, max(prune, _NOTHING), _NOTHING)
    error = float(np.abs(rows[:, ~needed]).sum(axis=1).max(initial=0.0)) if prune else 0.0
    chosen = np.flatnonzero(needed)
    return LoweredAngle(form, tuple(conditions[k] for k in chosen), angles[..., chosen], error)
