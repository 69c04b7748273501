"""Estimates of log p(s_t | history) from shots, for the spikes s that a neuron is held to.

Two estimators: ``marginal`` uses every shot and ignores the neuron's own earlier spikes; ``prefix``
is eq. (10) to the letter: it keeps the shots whose earlier spikes are those of s, and where none is
left there is no estimate.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sqsq.engines import Spikes

Estimator = Literal["marginal", "prefix"]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Hits:
    """How often each evaluation produced the spikes that its neuron is held to.

    Attributes:
        hits: Shots with s_t at step t (``prefix``: with s_1 ... s_t), float64, shape (..., T).
        trials: Shots that counted for step t (``prefix``: those with s_1 ... s_{t-1}), (..., T).
        shots: Shots of each evaluation.
        estimator: Which of the two it is.
    """

    hits: FloatArray
    trials: FloatArray
    shots: int
    estimator: Estimator

    def select(self, rows: Any) -> "Hits":
        """The evaluations that a NumPy index of the leading axes picks."""
        return Hits(self.hits[rows], self.trials[rows], self.shots, self.estimator)


def count_hits(spikes: Spikes, held: NDArray[np.uint8], estimator: Estimator) -> Hits:
    """Count the shots that agree with the spikes a neuron is held to.

    Args:
        spikes: Measured spikes, shape (rows, shots, T, N).
        held: The spikes s, shape (rows, T, N).
        estimator: ``marginal`` or ``prefix``.
    """
    agree = (spikes == held[:, None]).all(axis=-1)
    shots = agree.shape[1]
    if estimator == "marginal":
        hits = agree.sum(axis=1, dtype=np.float64)
        return Hits(hits, np.full_like(hits, shots), shots, estimator)
    hits = np.logical_and.accumulate(agree, axis=-1).sum(axis=1, dtype=np.float64)
    trials = np.concatenate([np.full((len(hits), 1), float(shots)), hits[:, :-1]], axis=1)
    return Hits(hits, trials, shots, estimator)


def log_probability(hits: Hits) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Log p(s_t | history), smoothed, and where there is an estimate.

    The frequency is smoothed, (k + 1/2) / (n + 1), so that the logarithm is finite.

    Returns:
        The logarithm, 0 where there is no estimate, and the mask of the estimates; both (..., T).
    """
    known = hits.trials > 0
    smoothed = (hits.hits + 0.5) / (hits.trials + 1.0)
    return np.where(known, np.log(smoothed), 0.0), known


def log_derivative(base: Hits, shift: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    """The derivative of log p(s_t | history) by an angle, from the shifted evaluations.

    What a shift rule differentiates is a probability: p(s_t), or P_t = p(s_1 ... s_t) for
    ``prefix``, where log p(s_t | s_1 ... s_{t-1}) = log P_t - log P_{t-1}.

    Args:
        base: Unshifted evaluations, shape (..., T): the denominator of eq. (25), smoothed.
        shift: The derivative of that probability, shape (..., T).

    Returns:
        The derivative, 0 where there is no estimate, and the mask of the estimates; both (..., T).
    """
    known = base.trials > 0
    ratio = shift / ((base.hits + 0.5) / (base.shots + 1.0))
    if base.estimator == "prefix":
        ratio = np.diff(ratio, axis=-1, prepend=0.0)
    return np.where(known, ratio, 0.0), known
