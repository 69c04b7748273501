"""Estimate one gradient many times, with fresh perturbations and shots."""

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from sqsq.engines import Engine
from sqsq.jobs import drive
from sqsq.learning import local_rule
from sqsq.model import Parameters
from sqsq.reproduce.sensitivity.points import Point
from sqsq.reproduce.sensitivity.states import NetworkState
from sqsq.reproduce.sensitivity.statistics import EstimationError, estimation_error

FloatArray = NDArray[np.float64]
_PERTURBATIONS = 7
"""A stream of random numbers, beside those of ``sqsq.reproduce.sensitivity.states``."""


def measure_point(
    point: Point, state: NetworkState, exact: Parameters, engine: Engine, repeats: int, seed: int
) -> dict[str, EstimationError]:
    """Compare estimates of the local gradient with the exact one.

    Args:
        point: How it is estimated.
        state: For what; the same inputs every time.
        exact: The exact gradient there.
        engine: What draws the shots.
        repeats: How often.
        seed: The seed of the perturbations.

    Returns:
        The errors of ``weights`` and of ``theta``.
    """
    weights, theta = [], []
    for repeat in range(repeats):
        rng = np.random.default_rng([seed, _PERTURBATIONS, crc32(point.name.encode()), repeat])
        step = local_rule(
            state.network, state.parameters, state.batch, point.rule, rng, ("sensitivity", point.name, repeat)
        )
        gradients = drive(step, engine)[0].gradients
        weights.append(gradients.weights.ravel())
        theta.append(gradients.theta.ravel())
    return {
        "weights": estimation_error(np.array(weights), exact.weights.ravel()),
        "theta": estimation_error(np.array(theta), exact.theta.ravel()),
    }


def difference(found: FloatArray, wanted: FloatArray) -> dict[str, float | None]:
    """How one vector differs from another: relative length of the difference, and cosine.

    Both are None where a length that they are relative to is 0.
    """
    length, other = float(np.linalg.norm(wanted)), float(np.linalg.norm(found))
    distance = float(np.linalg.norm(found - wanted))
    return {
        "relative": distance / length if length else None,
        "cosine": float(found.ravel() @ wanted.ravel()) / (length * other) if length and other else None,
    }
