"""Estimates of log p(s_t | history), and of its derivatives, from hits."""

import numpy as np
from numpy.typing import NDArray

from sqsq.estimation import Hits

FloatArray = NDArray[np.float64]


def log_probability(hits: Hits) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Log p(s_t | history), smoothed, and where there is an estimate.

    Mitigated hits are clipped to [0, trials] first. The frequency is smoothed, (k + 1/2) / (n + 1), so that
    the logarithm is finite, with the shots n that were asked for, also where mitigation makes their
    information less.

    Returns:
        The logarithm, 0 where there is no estimate, and the mask of the estimates; both (..., T).
    """
    known = hits.trials > 0
    smoothed = (hits.hits.clip(0.0, hits.trials) + 0.5) / (hits.trials + 1.0)
    return np.where(known, np.log(smoothed), 0.0), known


def log_derivative(base: Hits, shift: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    """The derivative of log p(s_t | history) by an angle, from the shifted evaluations.

    What a shift rule differentiates is a probability: p(s_t), or P_t = p(s_1 ... s_t) for
    ``prefix``, where log p(s_t | s_1 ... s_{t-1}) = log P_t - log P_{t-1}.

    Args:
        base: Unshifted evaluations, shape (..., T): the denominator of eq. (25), clipped and smoothed.
        shift: The derivative of that probability, shape (..., T), linear in the measured ones, which
            mitigation may leave outside [0, 1]: clipping them would bias it.

    Returns:
        The derivative, 0 where there is no estimate, and the mask of the estimates; both (..., T).
    """
    known = base.trials > 0
    ratio = shift / ((base.hits.clip(0.0, base.shots) + 0.5) / (base.shots + 1.0))
    if base.estimator == "prefix":
        ratio = np.diff(ratio, axis=-1, prepend=0.0)
    return np.where(known, ratio, 0.0), known
