"""Zero-noise extrapolation: from frequencies at several noise scales to those at none.

The extrapolation itself is Mitiq's (extra ``zne``). The shots of an evaluation are split over the scales,
never multiplied.
"""

import sys
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import make_plain, real_array, whole_number
from sqsq.errors import UsageError
from sqsq.tables import FoldedGates

Fit = Literal["linear", "richardson", "poly", "exp"]
FloatArray = NDArray[np.float64]
_FEWEST_SCALES: dict[Fit, int] = {"linear": 2, "richardson": 2, "poly": 3, "exp": 2}


@dataclass(frozen=True)
class Extrapolation:
    """At which noise scales is measured, and the curve through the results.

    Attributes:
        scales: Noise scales, each at least 1, no two alike.
        fit: ``linear``: a straight line by least squares. ``richardson``: the polynomial through all
            points. ``poly``: a parabola by least squares (through three points it is Richardson's).
            ``exp``: an exponential decay towards complete noise, where every spike pattern is equally
            likely. With the asymptote known two scales are enough; free exponentials explode.
        gates: Which gates are folded.

    Raises:
        UsageError: If a scale is below 1, not finite or repeated, a name is unknown, or the fit needs
            more scales.
    """

    scales: tuple[float, ...] = (1.0, 3.0)
    fit: Fit = "linear"
    gates: FoldedGates = "all"

    def __post_init__(self) -> None:
        make_plain(self, {"scales": "zne-scales", "fit": "zne-fit", "gates": "zne-gates"})
        listed = ",".join(f"{scale:g}" for scale in self.scales)
        if not all(scale >= 1 for scale in self.scales):
            raise UsageError(f"zne-scales {listed}: every scale must be a finite number of at least 1")
        if len(set(self.scales)) < len(self.scales):
            raise UsageError(f"zne-scales {listed}: no scale may be repeated")
        if len(self.scales) < _FEWEST_SCALES[self.fit]:
            raise UsageError(
                f"zne-scales {listed or '(none)'}: the fit {self.fit} needs at least "
                f"{_FEWEST_SCALES[self.fit]} scales"
            )

    @property
    def order(self) -> int:
        """The degree of the polynomial; of its exponent's for ``exp``."""
        return {"linear": 1, "exp": 1, "poly": 2, "richardson": len(self.scales) - 1}[self.fit]

    @property
    def weights(self) -> FloatArray:
        """What each scale's frequency is multiplied by, shape (scales,); they add up to 1.

        For ``exp``, which is not linear, those of the straight line that it is where noise is small.
        """
        powers = np.vander(np.array(self.scales), self.order + 1, increasing=True)
        weights: FloatArray = np.linalg.pinv(powers)[0]
        return weights

    @property
    def variance_factor(self) -> float:
        """How many times the variance of as many unmitigated shots, were all noise scales equally noisy."""
        return float(np.abs(self.weights).sum() ** 2)

    def split_shots(self, total: int) -> tuple[int, ...]:
        """Split the shots of an evaluation over the scales for the least variance: n_i ~ |w_i|.

        Args:
            total: The shots of an evaluation, M_p.

        Returns:
            Shots of each scale, at least 1 each, that add up to the total.

        Raises:
            UsageError: If there are fewer shots than scales.
        """
        count, total = len(self.scales), whole_number(total, "shots")
        if total < count:
            raise UsageError(
                f"{total} shots an evaluation cannot be split over {count} noise scales: "
                f"ask for at least {count} (M_p) or for fewer zne-scales"
            )
        size = np.abs(self.weights)
        share = np.floor(size / size.sum() * total).astype(np.int64)
        # from below the best split each shot goes where it lowers the variance most, which is optimal
        shots = np.maximum(share - count, 1)
        while shots.sum() < total:
            shots[np.argmax(self.weights**2 / (shots * (shots + 1)))] += 1
        return tuple(shots.tolist())

    def extrapolate(self, frequencies: FloatArray, asymptote: FloatArray | float = 0.5) -> FloatArray:
        """Extrapolate to no noise, by Mitiq.

        Args:
            frequencies: Raw frequencies at each scale, shape (scales, ...).
            asymptote: For ``exp``: the probability under complete noise, of shape (...) or broadcast to
                it, 2^-N for a pattern of N spikes.

        Returns:
            Shape (...). Not clipped where the fit is linear in the frequencies; ``exp``, which is not and
            can explode, is clipped to [0, 1] at once.

        Raises:
            UsageError: If a frequency is not finite, a shape does not fit, or Mitiq is not installed.
        """
        frequencies = real_array(frequencies, "frequencies")
        if frequencies.shape[:1] != (len(self.scales),):
            raise UsageError(
                f"frequencies have shape {frequencies.shape}: the first axis must be the scales, "
                f"{len(self.scales)} of them"
            )
        asymptote = real_array(asymptote, "asymptote", low=0, high=1)
        require_mitiq()
        inference: Any = import_module("mitiq.zne.inference")
        shape = frequencies.shape[1:]
        flat = frequencies.reshape(len(self.scales), -1)
        if self.fit != "exp":
            limit = inference.PolyFactory.extrapolate(self.scales, flat, self.order)
            return np.asarray(limit, dtype=float).reshape(shape)
        # one column at a time is all that Mitiq does here; shots make few different columns
        try:
            ends = np.broadcast_to(asymptote, shape).reshape(1, -1)
        except ValueError as error:
            raise UsageError(f"asymptote has shape {asymptote.shape}: must fit {shape}") from error
        columns, which = np.unique(np.concatenate([flat, ends]), axis=1, return_inverse=True)
        limits = [
            inference.ExpFactory.extrapolate(self.scales, column[:-1].tolist(), asymptote=float(column[-1]))
            for column in columns.T
        ]
        found: FloatArray = np.array(limits, dtype=float)[which.reshape(shape)]
        return found.clip(0.0, 1.0)


def require_mitiq() -> None:
    """Check that Mitiq is there, without importing it.

    Raises:
        UsageError: If it is not.
    """
    if find_spec("mitiq") is None:
        too_new = " (Mitiq needs Python < 3.13, this is {}.{})".format(*sys.version_info)
        raise UsageError(
            "zero-noise extrapolation needs Mitiq: pip install 'sqsq[zne]'"
            + (too_new if sys.version_info >= (3, 13) else "")
        )
