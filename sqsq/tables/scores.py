"""Requests that only an exact engine can answer: probabilities and their derivatives, without shots."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import real_array, spike_array
from sqsq.tables.evaluation_table import EvaluationTable

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ScoreRequest:
    """Asks for log p(s_t | ...) and for the derivatives of the sum over t of factor_t log p(s_t | ...).

    Attributes:
        table: Angles; its shots are not used.
        held: The spikes s, uint8, shape (evaluations, T, N).
        factor: Shape (evaluations, T).
        given_past: Whether p is conditional on the neuron's own earlier spikes being those of s, as in
            eq. (10), or the marginal p(s_t).

    Raises:
        UsageError: If a shape is wrong, a spike is neither 0 nor 1, or a factor is not finite.
    """

    table: EvaluationTable
    held: NDArray[np.uint8]
    factor: FloatArray
    given_past: bool

    def __post_init__(self) -> None:
        shape = self.table.phi.shape
        object.__setattr__(self, "held", spike_array(self.held, "held", shape))
        object.__setattr__(self, "factor", real_array(self.factor, "factor", shape[:2]))


@dataclass(frozen=True, eq=False)
class Scores:
    """The exact answer to a ``ScoreRequest``.

    Attributes:
        log_probability: log p(s_t | ...), shape (evaluations, T).
        by_phi: Derivatives of the weighted sum by each phi, shape (evaluations, T, N).
        by_theta: Derivatives by each theta at each step, shape (evaluations, T, K).
    """

    log_probability: FloatArray
    by_phi: FloatArray
    by_theta: FloatArray
