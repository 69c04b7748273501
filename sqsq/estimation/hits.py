"""How often shots agree with the spikes that a neuron is held to.

Two estimators of p(s_t | history): ``marginal`` uses every shot and ignores the neuron's own earlier
spikes; ``prefix`` is eq. (10) to the letter: it keeps the shots whose earlier spikes are those of s, and
where none is left there is no estimate.
"""

from copy import copy
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import choice, picked, real_array, spike_array, whole_number
from sqsq.errors import UsageError
from sqsq.tables import Spikes

Estimator = Literal["marginal", "prefix"]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Hits:
    """How often each evaluation produced the spikes that its neuron is held to.

    With mitigation these are estimated probabilities times shots: no whole numbers, and where noise was
    overestimated below 0 or above the trials. They stay so wherever they enter linearly (shift rules);
    ``log_probability`` clips them.

    Attributes:
        hits: Shots with s_t at step t (``prefix``: with s_1 ... s_t), float64, shape (..., T).
        trials: Shots that counted for step t (``prefix``: those with s_1 ... s_{t-1}), within 0 and
            ``shots``, (..., T).
        shots: Shots of each evaluation.
        estimator: Which of the two it is.

    Raises:
        UsageError: If a number is not finite, trials are not within 0 and ``shots``, shapes differ, or the
            estimator is unknown.
    """

    hits: FloatArray
    trials: FloatArray
    shots: int
    estimator: Estimator

    def __post_init__(self) -> None:
        choice(self.estimator, "estimator", get_args(Estimator))
        object.__setattr__(self, "shots", whole_number(self.shots, "shots", 1))
        hits = real_array(self.hits, "hits")
        object.__setattr__(self, "hits", hits)
        trials = real_array(self.trials, "trials", hits.shape, low=0, high=self.shots)
        object.__setattr__(self, "trials", trials)

    def select(self, rows: Any) -> "Hits":
        """The evaluations that a NumPy index of the leading axes picks.

        Raises:
            UsageError: If it is no index of them.
        """
        hits, trials = (picked(array, rows, "evaluations") for array in (self.hits, self.trials))
        return self._with(hits, trials)

    def reshape(self, *shape: int) -> "Hits":
        """The same evaluations in another order of axes.

        Raises:
            UsageError: If they do not fill that shape.
        """
        if np.prod(shape) != self.hits.size:
            raise UsageError(f"hits have shape {self.hits.shape}: they do not fill {shape}")
        return self._with(self.hits.reshape(shape), self.trials.reshape(shape))

    def _with(self, hits: FloatArray, trials: FloatArray) -> "Hits":
        """Numbers out of these, which were checked: not a second time."""
        part = copy(self)
        object.__setattr__(part, "hits", hits)
        object.__setattr__(part, "trials", trials)
        return part


def hits_of(hits: FloatArray, shots: int, estimator: Estimator) -> Hits:
    """From numbers of hits, shape (rows, T), to hits with their trials."""
    trials = np.full_like(hits, shots)
    if estimator == "prefix":
        trials[:, 1:] = hits[:, :-1].clip(0, shots)
    return Hits(hits, trials, shots, estimator)


def count_hits(spikes: Spikes, held: NDArray[np.uint8], estimator: Estimator) -> Hits:
    """Count the shots that agree with the spikes a neuron is held to.

    Args:
        spikes: Measured spikes, shape (rows, shots, T, N).
        held: The spikes s, shape (rows, T, N).
        estimator: ``marginal`` or ``prefix``.

    Raises:
        UsageError: If a spike is neither 0 nor 1, or a shape does not fit.
    """
    spikes = spike_array(spikes, "spikes", ("rows", "shots", "T", "N"), may_be_empty=("rows",))
    held = spike_array(held, "held", (len(spikes), *spikes.shape[2:]))
    agree = (spikes == held[:, None]).all(axis=-1)
    if estimator == "prefix":
        agree = np.logical_and.accumulate(agree, axis=-1)
    return hits_of(agree.sum(axis=1, dtype=np.float64), spikes.shape[1], estimator)
