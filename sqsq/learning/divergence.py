"""Divergence of training, named where it happens: what grew, where, and what to lower."""

import numpy as np
from numpy.typing import NDArray

from sqsq.errors import DivergenceError, UsageError
from sqsq.model import Parameters

FloatArray = NDArray[np.float64]

ANGLE_LIMIT = 2.0**40
"""Radians beyond which training has diverged.

Spikes are periodic in every angle, so that currents far outside [0, 1] mean something. But numbers of
float64 there are 2^-12 apart: what is left of an angle, and of a step that changes it, is rounding.
"""


def check_gradient(
    weights: FloatArray, theta: FloatArray, loss_bound: float, parameters: Parameters
) -> Parameters:
    """A gradient, of which every number is finite.

    Raises:
        DivergenceError: If one is not, or the loss is not.
    """
    for name, gradient in (("weights", weights), ("theta", theta)):
        if (place := _first(~np.isfinite(gradient))) is not None:
            raise DivergenceError(
                f"the gradient by {name}{list(place)} is {gradient[place]}, where currents of neuron "
                f"{place[0]} reach {largest_currents(parameters.weights)[place[0]]:.3g}: lower lr or lr-theta"
            )
    if not np.isfinite(loss_bound):
        raise DivergenceError(f"the loss is {loss_bound}: lower lr or lr-theta")
    return Parameters(weights, theta)


def check_update(weights: FloatArray, theta: FloatArray, iteration: int, lr: float, lr_theta: float) -> None:
    """Check what an update made of the parameters.

    Raises:
        DivergenceError: If a number is not finite, or an angle beyond ``ANGLE_LIMIT``.
    """
    if lost := _lost_angles(weights, theta):
        raise DivergenceError(
            f"training diverged in iteration {iteration}: {lost}: lower lr ({lr:g}) or lr-theta "
            f"({lr_theta:g})"
        )


def check_moments(second: FloatArray, name: str, iteration: int) -> None:
    """Check the squares of gradients that Adam remembers.

    Raises:
        DivergenceError: If they are beyond what float64 holds.
    """
    if (place := _first(~np.isfinite(second))) is not None:
        raise DivergenceError(
            f"training diverged in iteration {iteration}: the square of the gradient by {name}{list(place)} "
            "is beyond all numbers: lower lr or lr-theta"
        )


def check_parameters_resolvable(parameters: Parameters) -> None:
    """Check parameters that training starts from or goes on with.

    Raises:
        UsageError: If a number is not finite, or an angle beyond ``ANGLE_LIMIT``.
    """
    if lost := _lost_angles(parameters.weights, parameters.theta):
        raise UsageError(f"parameters cannot be trained: {lost}")


def _lost_angles(weights: FloatArray, theta: FloatArray) -> str | None:
    """What is beyond ``ANGLE_LIMIT`` or not finite; None if nothing is."""
    currents = largest_currents(weights)
    place, what = _first(~(currents <= ANGLE_LIMIT / np.pi)), ""
    if place is None and (place := _first(~(np.abs(theta) <= ANGLE_LIMIT))) is not None:
        what = f"theta{list(place)} is {theta[place]:.3g} and "
    if place is None:
        return None
    return (
        f"{what}currents of neuron {place[0]} reach {currents[place[0]]:.3g}, and angles beyond 2^40 radians "
        f"(currents beyond {ANGLE_LIMIT / np.pi:.2g}) cannot be resolved"
    )


def largest_currents(weights: FloatArray) -> FloatArray:
    """The largest current, positive or negative, that spikes can send into each neuron, shape (neurons,)."""
    with np.errstate(over="ignore", invalid="ignore"):
        largest: FloatArray = np.abs(weights).sum(axis=1).max(axis=-1)
    return largest


def _first(wrong: NDArray[np.bool_]) -> tuple[int, ...] | None:
    """The first place at which it is wrong."""
    return tuple(int(k) for k in np.argwhere(wrong)[0]) if wrong.any() else None
