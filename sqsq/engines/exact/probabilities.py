"""Exact probabilities of spikes, and their derivatives, from the instruments alone.

All functions take the matrices M_b of each row and step, float64, shape (rows, T, 2^N, D, D), with
pattern index b (bit n is io qubit n), and patterns s of shape (rows, T).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
FLOOR = 1e-9
"""What an impossible spike counts as in a score: its log would be infinite. A probability that is 0
is at its minimum, so that no derivative leads away from it."""


def marginal_probabilities(matrices: FloatArray) -> FloatArray:
    """p(s_t = b) whatever was emitted before, shape (rows, T, 2^N)."""
    vectors = _averaged_states(matrices)
    probabilities: FloatArray = np.einsum("rtoj,rtj->rto", matrices[..., 0, :], vectors)
    return probabilities


def conditional_probabilities(matrices: FloatArray, patterns: NDArray[np.intp]) -> FloatArray:
    """p(s_t | s_1 ... s_{t-1}) of given spikes, shape (rows, T); 0 from an impossible spike on."""
    return _walk(_chosen(matrices, patterns)).probabilities


def joint_probabilities(matrices: FloatArray) -> FloatArray:
    """The joint distribution, shape (rows, 2^N, ..., 2^N) with one axis for each step."""
    rows, steps, outcomes, dimension, _ = matrices.shape
    vectors = np.zeros((rows, 1, dimension))
    vectors[..., 0] = 1
    for t in range(steps):
        vectors = np.einsum("roij,rsj->rsoi", matrices[:, t], vectors).reshape(rows, -1, dimension)
    return vectors[..., 0].reshape(rows, *(outcomes,) * steps)


def score_gradient(
    matrices: FloatArray, patterns: NDArray[np.intp], factor: FloatArray, given_past: bool
) -> tuple[FloatArray, FloatArray]:
    """Log p(s_t | ...) and the gradient of the sum over t of factor_t log p(s_t | ...) by every matrix.

    Args:
        matrices: Shape (rows, T, 2^N, D, D).
        patterns: The spikes s, shape (rows, T).
        factor: Shape (rows, T).
        given_past: Conditional on the own past spikes, or marginal.

    Returns:
        Shapes (rows, T) and (rows, T, 2^N, D, D). Probabilities below ``FLOOR`` count as ``FLOOR``,
        given an impossible past all do, and none of them has a gradient.
    """
    rows, steps = patterns.shape
    chosen = _chosen(matrices, patterns)
    by_chosen = np.zeros_like(chosen)
    gradient = np.zeros_like(matrices)
    if given_past:
        walk = _walk(chosen)
        probabilities = walk.probabilities
        factor = np.where(probabilities > FLOOR, factor, 0.0)
        change = factor - np.append(factor[:, 1:], np.zeros((rows, 1)), axis=1)
        back = np.zeros((rows, matrices.shape[-1]))
        for t in reversed(range(steps)):
            back[:, 0] += change[:, t]
            possible = probabilities[:, t, None] > 0
            scaled = np.where(possible, back, 0.0) / np.where(possible, probabilities[:, t, None], 1.0)
            by_chosen[:, t] = scaled[:, :, None] * walk.states[:, t, None, :]
            back = np.einsum("rij,ri->rj", chosen[:, t], scaled)
    else:
        states = _averaged_states(matrices)
        total = matrices.sum(axis=2)
        probabilities = np.einsum("rtj,rtj->rt", chosen[..., 0, :], states)
        weight = np.where(probabilities > FLOOR, factor, 0.0) / np.maximum(probabilities, FLOOR)
        by_chosen[..., 0, :] = weight[..., None] * states
        back = np.zeros((rows, matrices.shape[-1]))
        for t in reversed(range(steps)):
            gradient[:, t] += (back[:, :, None] * states[:, t, None, :])[:, None]
            back = np.einsum("rij,ri->rj", total[:, t], back) + weight[:, t, None] * chosen[:, t, 0]
    by_chosen += _chosen(gradient, patterns)
    np.put_along_axis(gradient, patterns[..., None, None, None], by_chosen[:, :, None], axis=2)
    return np.log(np.maximum(probabilities, FLOOR)), gradient


@dataclass(frozen=True, eq=False)
class _Walk:
    """Along given spikes: normalised states before each step, and the probability of each spike."""

    states: FloatArray  # (rows, T, D)
    probabilities: FloatArray  # (rows, T)


def _walk(chosen: FloatArray) -> _Walk:
    rows, steps, dimension, _ = chosen.shape
    states = np.zeros((rows, steps, dimension))
    probabilities = np.zeros((rows, steps))
    state = np.zeros((rows, dimension))
    state[:, 0] = 1
    for t in range(steps):
        states[:, t] = state
        state = np.einsum("rij,rj->ri", chosen[:, t], state)
        probabilities[:, t] = np.maximum(state[:, 0], 0)
        state = state / np.where(state[:, :1] > 0, state[:, :1], 1)
    return _Walk(states, probabilities)


def _averaged_states(matrices: FloatArray) -> FloatArray:
    """The state before each step, averaged over all spikes, shape (rows, T, D)."""
    total = matrices.sum(axis=2)
    states = np.zeros((*total.shape[:2], total.shape[-1]))
    states[:, 0, 0] = 1
    for t in range(1, states.shape[1]):
        states[:, t] = np.einsum("rij,rj->ri", total[:, t - 1], states[:, t - 1])
    return states


def _chosen(matrices: FloatArray, patterns: NDArray[np.intp]) -> FloatArray:
    """The matrix of the given pattern, shape (rows, T, D, D)."""
    return np.take_along_axis(matrices, patterns[..., None, None, None], axis=2)[:, :, 0]
