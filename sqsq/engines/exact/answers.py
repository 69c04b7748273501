"""What the exact engine can say without drawing a spike."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sqsq.engines.exact.instrument import polynomial_basis
from sqsq.engines.exact.probabilities import (
    conditional_probabilities,
    joint_probabilities,
    marginal_probabilities,
    score_gradient,
)
from sqsq.engines.scores import ScoreRequest, Scores
from sqsq.engines.table import EvaluationTable
from sqsq.errors import UsageError
from sqsq.model import shift_rule

if TYPE_CHECKING:
    from sqsq.engines.exact.engine import ExactEngine

FloatArray = NDArray[np.float64]
JOINT_LIMIT = 20
"""Bits of a joint distribution above which it is refused: a million probabilities a row."""
_CHUNK = 2**22
"""Numbers in the matrices of a chunk of rows."""


def spike_patterns(spikes: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Patterns, bit n is io qubit n, shape (..., T), from spikes of shape (..., T, N)."""
    patterns: NDArray[np.intp] = (spikes.astype(np.intp) << np.arange(spikes.shape[-1])).sum(axis=-1)
    return patterns


def marginals(engine: "ExactEngine", table: EvaluationTable) -> FloatArray:
    """p(s_t = b) of every pattern at every step, shape (evaluations, T, 2^N)."""
    return np.concatenate([marginal_probabilities(m) for _, m in matrices_of(engine, table)])


def log_likelihood(engine: "ExactEngine", table: EvaluationTable, spikes: NDArray[np.uint8]) -> FloatArray:
    """Log p(s_t | s_1 ... s_{t-1}) of given spikes, shape (evaluations, T); -inf where impossible.

    Args:
        engine: The engine.
        table: Angles.
        spikes: Shape (evaluations, T, N).
    """
    patterns = spike_patterns(spikes)
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
    rules = [shift_rule(angle.frequencies) for angle in table.template.neuron.angles[: table.theta.shape[-1]]]
    for rows, matrices in matrices_of(engine, table):
        log_probability[rows], gradient = score_gradient(
            matrices, patterns[rows], request.factor[rows], request.given_past
        )
        bank, index = engine.instruments(table, rows)
        basis = polynomial_basis(table.phi[rows])
        for n in range(table.phi.shape[-1]):
            quarter = table.phi[rows].copy()
            quarter[..., n] += np.pi / 2
            opposite = table.phi[rows].copy()
            opposite[..., n] -= np.pi / 2
            slope = (polynomial_basis(quarter) - polynomial_basis(opposite)) / 2
            by_phi[rows, :, n] = _contract(gradient, bank, index, slope)
        for k, rule in enumerate(rules):
            derivative = np.zeros_like(bank)
            for shift, coefficient in rule:
                for sign in (1, -1):
                    derivative += (
                        sign * coefficient * engine.shifted_instruments(table, rows, k, sign * shift)
                    )
            by_theta[rows, :, k] = _contract(gradient, derivative, index, basis)
    return Scores(log_probability, by_phi, by_theta)


def _contract(
    gradient: FloatArray, bank: FloatArray, index: NDArray[np.int32], basis: FloatArray
) -> FloatArray:
    """Sum over matrices of gradient times the polynomial of a bank with given factors, (rows, T)."""
    rows, steps = gradient.shape[:2]
    result = np.empty((rows, steps))
    for t, which, own in _users(index, rows):
        per_factor = np.tensordot(gradient[own, t], bank[which], axes=([1, 2, 3], [0, 2, 3]))
        result[own, t] = (per_factor * basis[own, t]).sum(axis=-1)
    return result


def _users(index: NDArray[np.int32], rows: int) -> Iterator[tuple[int, int, NDArray[np.bool_]]]:
    """For each step and each instrument that it uses, which of the rows use it."""
    for t, used in enumerate(np.broadcast_to(index, (rows, index.shape[1])).T):
        for which in np.unique(used):
            yield t, which, used == which


def matrices_of(engine: "ExactEngine", table: EvaluationTable) -> Iterator[tuple[slice, FloatArray]]:
    """The matrices of each row and step, chunk by chunk.

    Yields:
        Which rows, and their matrices, shape (chunk, T, 2^N, D, D).
    """
    dimension, outcomes = engine.shape_of(table.template)
    size = max(_CHUNK // (table.template.steps * outcomes * dimension**2), 1)
    for first in range(0, table.evaluations, size):
        rows = slice(first, min(first + size, table.evaluations))
        bank, index = engine.instruments(table, rows)
        basis = engine.basis(table, rows)
        matrices = np.empty((*basis.shape[:2], outcomes, dimension, dimension))
        for t, which, own in _users(index, len(basis)):
            matrices[own, t] = np.tensordot(basis[own, t], bank[which], axes=(1, 1))
        yield rows, matrices
