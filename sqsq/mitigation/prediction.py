"""The error of an estimated probability, predicted from exact probabilities.

Counts are drawn from the exact distributions and estimated from as a run would, clipped to [0, 1]: so whole
shots, clipping and fits that are not linear all play their part.
"""

from dataclasses import dataclass
from itertools import product
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import spike_array, whole_number
from sqsq.estimation import Mitigation, pattern_weights
from sqsq.mitigation.probabilities import ExactProbabilities

FloatArray = NDArray[np.float64]
DRAWS = 64
_SEED = 20_250_615
_WORST = 0.1
"""Drawn calibrations that are nearer to singular would have been refused."""


@dataclass(frozen=True)
class Prediction:
    """What to expect of an estimated p(s_t), averaged over rows, steps and both spikes.

    Attributes:
        mitigation: What is done about noise.
        shots: Shots of an estimate.
        bias: Root mean square over rows and steps of the expected error.
        variance: Of an estimate about its expectation.
        absolute: The mean absolute error.
    """

    mitigation: Mitigation
    shots: int
    bias: float
    variance: float
    absolute: float

    @property
    def rmse(self) -> float:
        """The root mean square error."""
        return sqrt(self.bias**2 + self.variance)


def predict(
    mitigation: Mitigation,
    probabilities: ExactProbabilities,
    held: NDArray[np.uint8],
    shots: int,
    readings: int = 0,
    draws: int = DRAWS,
) -> Prediction:
    """Predict the error of the ``marginal`` estimate of p(s_t), clipped to [0, 1].

    Args:
        mitigation: What is done about noise.
        probabilities: The exact ones, at its noise scales.
        held: The spikes s, shape (rows, T, N).
        shots: Shots of an estimate, over all noise scales.
        readings: How often a calibration read each state of each qubit; 0 if its matrices are exact.
        draws: How many estimates of each row and step are drawn.

    Raises:
        UsageError: If held spikes do not fit the probabilities, a number is too small, or there are fewer
            shots than noise scales.
    """
    held = spike_array(held, "held", (*probabilities.ideal.shape[:2], len(probabilities.assignment)))
    shots, draws = whole_number(shots, "shots", 1), whole_number(draws, "draws", 2)
    readings = whole_number(readings, "readings", 0)
    rng = np.random.default_rng(_SEED)
    inverses = _inverses(mitigation, probabilities.assignment, readings, draws, rng)
    patterns = np.array([p[::-1] for p in product((0, 1), repeat=held.shape[-1])])
    rows = held.shape[0]
    inverses = np.broadcast_to(inverses[:, None], (draws, rows, *inverses.shape[1:]))
    weights = np.stack([pattern_weights(p, held, inverses) for p in patterns], axis=-1)
    at_scales = []
    for noise, count in zip(mitigation.noise_scales, mitigation.split_shots(shots), strict=True):
        exact = probabilities.noisy[noise].clip(0.0, 1.0)
        exact = exact / exact.sum(axis=-1, keepdims=True)
        drawn = rng.multinomial(count, exact, size=(draws, *exact.shape[:-1])) / count
        at_scales.append((drawn * weights).sum(axis=-1))
    estimates = at_scales[0]
    zne = mitigation.extrapolation
    if zne is not None and zne.fit == "exp":
        estimates = zne.extrapolate(np.stack(at_scales), 0.5 ** held.shape[-1])
    elif zne is not None:  # what Mitiq would find, without waiting for it to be imported
        estimates = np.tensordot(zne.weights, np.stack(at_scales), axes=1)
    which = (held.astype(np.intp) << np.arange(held.shape[-1])).sum(axis=-1)
    ideal = np.take_along_axis(probabilities.ideal, which[..., None], axis=-1)[..., 0]
    errors = estimates.clip(0.0, 1.0) - ideal
    variance = float(errors.var(axis=0, ddof=1).mean())
    bias = sqrt(max(float((errors**2).mean()) - variance, 0.0))
    return Prediction(mitigation, shots, bias, variance, float(np.abs(errors).mean()))


def _inverses(
    mitigation: Mitigation, assignment: FloatArray, readings: int, draws: int, rng: np.random.Generator
) -> FloatArray:
    """Inverted assignment matrices as calibrations would find them, shape (draws, N, 2, 2)."""
    if not mitigation.corrects:
        return np.broadcast_to(np.eye(2), (draws, *assignment.shape))
    matrices = np.broadcast_to(assignment, (draws, *assignment.shape))
    if readings:
        ones = rng.binomial(readings, matrices[..., 1].clip(0.0, 1.0)) / readings
        matrices = np.stack([1 - ones, ones], axis=-1)
    usable = np.linalg.det(matrices)[..., None, None] >= _WORST
    inverses: FloatArray = np.linalg.inv(np.where(usable, matrices, assignment))
    return inverses
