"""What the exact engine can say without drawing a spike."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import spike_array
from sqsq.engines.exact.instrument import polynomial_basis
from sqsq.engines.exact.probabilities import (
    conditional_probabilities,
    joint_probabilities,
    marginal_probabilities,
    score_gradient,
)
from sqsq.errors import BackendError, UsageError
from sqsq.model import shift_rule
from sqsq.tables import EvaluationTable, ScoreRequest, Scores

if TYPE_CHECKING:
    from sqsq.engines.exact.engine import ExactEngine

FloatArray = NDArray[np.float64]
JOINT_LIMIT = 20
"""Bits of a joint distribution above which it is refused: a million probabilities a row."""
ROUNDING = 1e-9
"""By how much rounding may carry a probability beyond 0 or 1."""
_CHUNK = 2**22
"""Numbers in the matrices of a chunk of rows."""


def spike_patterns(spikes: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Patterns, bit n is io qubit n, shape (..., T), from spikes of shape (..., T, N)."""
    patterns: NDArray[np.intp] = (spikes.astype(np.intp) << np.arange(spikes.shape[-1])).sum(axis=-1)
    return patterns


def marginals(engine: "ExactEngine", table: EvaluationTable) -> FloatArray:
    """p(s_t = b) of every pattern at every step, shape (evaluations, T, 2^N).

    Raises:
        BackendError: If one is beyond 0 to 1 by more than rounding: the noise is none that can happen.
    """
    found = np.concatenate([marginal_probabilities(m) for _, m in matrices_of(engine, table)])
    if found.min(initial=0.0) < -ROUNDING or found.max(initial=1.0) > 1 + ROUNDING:
        extremes = f"{found.min():g} to {found.max():g}"
        raise BackendError(f"{engine.name} finds probabilities of {extremes}: its noise cannot happen")
    return found.clip(0.0, 1.0)


def log_likelihood(engine: "ExactEngine", table: EvaluationTable, spikes: NDArray[np.uint8]) -> FloatArray:
    """Log p(s_t | s_1 ... s_{t-1}) of given spikes, shape (evaluations, T); -inf where impossible.

    Args:
        engine: The engine.
        table: Angles.
        spikes: Shape (evaluations, T, N).

    Raises:
        UsageError: If a spike is neither 0 nor 1, or they have another shape.
    """
    patterns = spike_patterns(spike_array(spikes, "spikes", table.phi.shape))
    with np.errstate(divide="ignore"):
        parts = [
            np.log(conditional_probabilities(m, patterns[rows])) for rows, m in matrices_of(engine, table)
        ]
    return np.concatenate(parts)


def joint(engine: "ExactEngine", table: EvaluationTable) -> FloatArray:
    """The joint distribution of all spikes, shape (evaluations, 2^N, ..., 2^N), one axis a step.

    Raises:
        UsageError: If it has more than 2^20 outcomes.
    """
    steps, io_qubits = table.template.phi_shape
    if steps * io_qubits > JOINT_LIMIT:
        raise UsageError(
            f"the joint distribution of {steps} steps of {io_qubits} io qubits has 2^{steps * io_qubits} "
            f"outcomes: at most 2^{JOINT_LIMIT}"
        )
    return np.concatenate([joint_probabilities(m) for _, m in matrices_of(engine, table)])


def score(engine: "ExactEngine", request: ScoreRequest) -> Scores:
    """Answer a ``ScoreRequest``: exact probabilities and derivatives, under the engine's noise.

    The derivative by theta is that of the instruments, whose entries are trigonometric polynomials:
    the shift rule of the ansatz is exact for them.

    Raises:
        UsageError: If the noise of the table is scaled.
    """
    table = request.table
    if table.template.noise.scale > 1:
        raise UsageError(
            f"exact derivatives at noise scale {table.template.noise.scale:g}: only at 1, for folded angles "
            "have other shift rules"
        )
    patterns = spike_patterns(request.held)
    log_probability = np.empty(patterns.shape)
    by_phi = np.empty(table.phi.shape)
    by_theta = np.empty(table.theta.shape)
    terms = [
        (k, sign * shift, sign * coefficient)
        for k, angle in enumerate(table.template.neuron.angles[: table.theta.shape[-1]])
        for shift, coefficient in shift_rule(angle.frequencies)
        for sign in (1, -1)
    ]
    for rows, matrices in matrices_of(engine, table):
        log_probability[rows], gradient = score_gradient(
            matrices, patterns[rows], request.factor[rows], request.given_past
        )
        bank, index = engine.instruments(table, rows)
        shifted = engine.shifted_instruments(table, rows, [(k, shift) for k, shift, _ in terms])
        banks = [bank]
        for _, group in groupby(zip(terms, shifted, strict=True), key=lambda pair: pair[0][0]):
            banks.append(sum((factor * moved for (_, _, factor), moved in group), np.zeros_like(bank)))
        by_bank, *by_angle = _contract(gradient, banks, index)
        basis = polynomial_basis(table.phi[rows])
        for n in range(table.phi.shape[-1]):
            by_phi[rows, :, n] = (by_bank * polynomial_basis(table.phi[rows], by=n)).sum(axis=-1)
        for k, by_derivative in enumerate(by_angle):
            by_theta[rows, :, k] = (by_derivative * basis).sum(axis=-1)
    return Scores(log_probability, by_phi, by_theta)


def _contract(
    gradient: FloatArray, banks: Sequence[FloatArray], index: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Sum over matrices of gradient times the polynomials' coefficients, (banks, rows, T, 3^N)."""
    rows, steps = gradient.shape[:2]
    index = np.broadcast_to(index, (rows, steps))
    factors = banks[0].shape[2]
    result = np.empty((rows, steps, len(banks) * factors))
    for which in np.unique(index):
        own = index == which
        coefficients = np.stack([bank[which] for bank in banks])  # (banks, 2^N, 3^N, D, D)
        columns = np.moveaxis(coefficients, (0, 2), (-2, -1)).reshape(-1, len(banks) * factors)
        result[own] = gradient[own].reshape(-1, len(columns)) @ columns
    return np.moveaxis(result.reshape(rows, steps, len(banks), factors), 2, 0)


def matrices_of(engine: "ExactEngine", table: EvaluationTable) -> Iterator[tuple[slice, FloatArray]]:
    """The matrices of each row and step, chunk by chunk.

    Yields:
        Which rows, and their matrices, shape (chunk, T, 2^N, D, D).

    Raises:
        UsageError: If the table has no rows.
    """
    if not table.evaluations:
        raise UsageError("a table without evaluations: there is nothing to answer")
    dimension, outcomes = engine.shape_of(table.template)
    size = max(_CHUNK // (table.template.steps * outcomes * dimension**2), 1)
    for first in range(0, table.evaluations, size):
        rows = slice(first, min(first + size, table.evaluations))
        bank, index = engine.instruments(table, rows)
        index = np.broadcast_to(index, (len(table.phi[rows]), table.template.steps))
        basis = engine.basis(table, rows)
        matrices = np.empty((*index.shape, outcomes, dimension, dimension))
        for which in np.unique(index):
            own = index == which
            matrices[own] = np.tensordot(basis[own], bank[which], axes=(1, 1))
        yield rows, matrices
