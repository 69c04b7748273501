"""Shifted evaluations from which the derivative by a circuit angle follows.

An angle occurs once in every time step, and one occurrence makes a probability oscillate with the
frequencies that the ansatz declares. The general parameter-shift rule (Wierichs et al., Quantum 6,
677, 2022) differentiates such a function exactly; eq. (25) shifts all occurrences at once by pi/2.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sqsq.model import shift_rule
from sqsq.tables import Template

Shift = Literal["paper", "exact", "sampled", "spsa"]
FloatArray = NDArray[np.float64]
EVERY_STEP = -1


@dataclass(frozen=True, eq=False)
class ShiftedEvaluations:
    """Evaluations with shifted angles, and how they add up to derivatives.

    All arrays have shape (..., rows): the leading axes are those of the evaluations of a neuron.
    The derivative by angle k is the sum over its rows of coefficient times probability.

    Attributes:
        angle: Which of the K angles is shifted.
        step: In which time step, or -1 for all steps at once.
        shift: By how much, radians.
        coefficient: The factor of the measured probability.
    """

    angle: NDArray[np.intp]
    step: NDArray[np.intp]
    shift: FloatArray
    coefficient: FloatArray

    @property
    def rows(self) -> int:
        """The number of evaluations."""
        return int(self.angle.shape[-1])

    def theta_offsets(self, template: Template) -> FloatArray:
        """What to add to theta, shape (..., rows, T, K)."""
        steps, angles = template.theta_shape
        here = (np.arange(steps) == self.step[..., None]) | (self.step[..., None] == EVERY_STEP)
        turned = np.arange(angles) == self.angle[..., None]
        offsets: FloatArray = self.shift[..., None, None] * here[..., :, None] * turned[..., None, :]
        return offsets

    def derivatives(self, probabilities: FloatArray, angles: int) -> FloatArray:
        """Derivatives of the probabilities by each angle.

        A shift at one step cannot change earlier spikes; there only shot noise differs, so those
        terms are left out.

        Args:
            probabilities: Of the shifted evaluations, shape (..., rows, T).
            angles: K.

        Returns:
            Shape (..., K, T).
        """
        later = np.arange(probabilities.shape[-1]) >= self.step[..., None]
        terms = np.where(later, self.coefficient[..., None] * probabilities, 0.0)
        which = np.arange(angles)[:, None] == self.angle[..., None, :]
        summed: FloatArray = which.astype(float) @ terms
        return summed


def shifted_evaluations(
    template: Template,
    kind: Shift,
    repeats: int,
    shape: tuple[int, ...],
    rng: np.random.Generator,
    skip: Collection[str] = (),
) -> ShiftedEvaluations:
    """Plan the shifted evaluations of one neuron.

    Args:
        template: The neuron and T.
        kind: ``paper``: all occurrences at once by +-pi/2, eq. (25), which is no derivative where an
            angle matters in more than one step or has other frequencies than 1. ``exact``: every
            occurrence with every term of its rule. ``sampled``: for each repeat one occurrence and
            one term, drawn at random and weighted to be unbiased. ``spsa``: none, the angles are
            perturbed together with the weights.
        repeats: M_som.
        shape: The leading axes, such as (batch, M): ``sampled`` draws anew for each.
        rng: Used by ``sampled`` only.
        skip: Names of angles known to have no effect: their derivatives are 0 without a shot.
    """
    angles = template.neuron.angles
    rows: list[tuple[int, NDArray[np.intp], FloatArray, FloatArray]] = []
    for k, angle in enumerate(() if kind == "spsa" else angles):
        if angle.name in skip:
            continue
        rule = np.array(shift_rule(angle.frequencies))
        for _ in range(repeats):
            if kind == "paper":
                rows.append(_row(k, EVERY_STEP, np.pi / 2, 0.5 / repeats, shape))
            elif kind == "exact":
                for step in range(template.steps):
                    rows += [_row(k, step, shift, factor / repeats, shape) for shift, factor in rule]
            else:
                weight = np.abs(rule[:, 1])
                term = rng.choice(len(rule), size=shape, p=weight / weight.sum())
                drawn = rng.integers(template.steps, size=shape, dtype=np.intp)
                factor = np.sign(rule[term, 1]) * weight.sum() * template.steps / repeats
                rows.append((k, drawn, rule[term, 0], factor))
    both = [(k, step, sign * shift, sign * factor) for k, step, shift, factor in rows for sign in (1, -1)]
    empty = np.zeros((*shape, 0))
    return ShiftedEvaluations(
        angle=np.broadcast_to(np.array([k for k, *_ in both], dtype=np.intp), (*shape, len(both))),
        step=np.stack([step for _, step, *_ in both], axis=-1) if both else empty.astype(np.intp),
        shift=np.stack([shift for *_, shift, _ in both], axis=-1) if both else empty,
        coefficient=np.stack([factor for *_, factor in both], axis=-1) if both else empty,
    )


def _row(
    angle: int, step: int, shift: float, factor: float, shape: tuple[int, ...]
) -> tuple[int, NDArray[np.intp], FloatArray, FloatArray]:
    return angle, np.full(shape, step, dtype=np.intp), np.full(shape, shift), np.full(shape, factor)
