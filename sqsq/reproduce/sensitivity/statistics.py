"""Bias and variance of an estimated vector, with their standard errors, so that noise is not read as bias."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqsq.errors import UsageError

FloatArray = NDArray[np.float64]
_FEWEST = 3
"""The jackknife leaves one out and needs a variance of the rest."""


@dataclass(frozen=True)
class Measured:
    """A number with its standard error.

    Attributes:
        value: The number.
        error: Its standard error.
    """

    value: float
    error: float


@dataclass(frozen=True)
class EstimationError:
    """How estimates of a vector g differ from it.

    Attributes:
        norm: |g|.
        bias_squared: |E - g|^2 for the expected estimate E, unbiased: it may be negative where there is
            no bias. That of the mean of R estimates alone would be too large by the variance over R.
        variance: The expected squared distance of an estimate from E: the trace of the covariance.
        gain: E . g / |g|^2: 1 without bias, and how much of the length is found; None where g is 0.
        cosine: The expected cosine of the angle between one estimate and g; None where g is 0.
    """

    norm: float
    bias_squared: Measured
    variance: Measured
    gain: Measured | None
    cosine: Measured | None

    @property
    def relative_bias(self) -> tuple[float, float, float] | None:
        """|E - g| / |g| with two standard errors of its square below and above; None where g is 0.

        The lower end is 0 where no bias was found; the upper end is never below two errors of 0.
        """
        if self.norm == 0:
            return None
        squared, error = self.bias_squared.value, 2 * self.bias_squared.error
        ends = [squared, squared - error, max(squared, 0.0) + error]
        value, low, high = np.sqrt(np.maximum(ends, 0)) / self.norm
        return float(value), float(low), float(high)

    @property
    def relative_variance(self) -> Measured | None:
        """The variance over |g|^2; None where g is 0."""
        if self.norm == 0:
            return None
        return Measured(self.variance.value / self.norm**2, self.variance.error / self.norm**2)

    def to_json(self) -> dict[str, Any]:
        """As JSON types."""
        bias = self.relative_bias
        variance = self.relative_variance
        return {
            **asdict(self),
            "relative_bias": None if bias is None else dict(zip(("value", "low", "high"), bias, strict=True)),
            "relative_variance": None if variance is None else asdict(variance),
        }


def estimation_error(estimates: FloatArray, exact: FloatArray) -> EstimationError:
    """Compare independent estimates of a vector with the vector.

    Args:
        estimates: Shape (R, n), R at least 3.
        exact: g, shape (n,).

    Raises:
        UsageError: If there are too few estimates.
    """
    repeats = len(estimates)
    if repeats < _FEWEST:
        raise UsageError(f"{repeats} estimates have no standard error of a bias: at least {_FEWEST}")
    norm = float(np.linalg.norm(exact))
    deviations = estimates - exact
    centred = estimates - estimates.mean(axis=0)
    spread = (centred**2).sum(axis=1)
    gain = cosine = None
    if norm > 0:
        along = estimates @ exact
        lengths = np.linalg.norm(estimates, axis=1)
        gain = _mean(along / norm**2)
        cosine = _mean(np.divide(along, norm * lengths, out=np.zeros(repeats), where=lengths > 0))
    correction = repeats / (repeats - 1)
    return EstimationError(
        norm,
        _squared_mean(deviations),
        Measured(float(spread.mean()) * correction, float(spread.std(ddof=1)) / repeats**0.5),
        gain,
        cosine,
    )


def _mean(values: FloatArray) -> Measured:
    return Measured(float(values.mean()), float(values.std(ddof=1)) / len(values) ** 0.5)


def _squared_mean(deviations: FloatArray) -> Measured:
    """|E d|^2 as the mean of d_i . d_j over all pairs i != j, with its jackknife error.

    That error is on the safe side: right where there is a bias, and sqrt(2) too large where there is none.
    """
    repeats = len(deviations)
    total = deviations.sum(axis=0)
    squares = (deviations**2).sum(axis=1)
    pairs = total @ total - squares.sum()
    without_each = pairs - 2 * (deviations @ total - squares)
    left_out = without_each / ((repeats - 1) * (repeats - 2))
    error = np.sqrt((repeats - 1) / repeats * ((left_out - left_out.mean()) ** 2).sum())
    return Measured(float(pairs / (repeats * (repeats - 1))), float(error))
