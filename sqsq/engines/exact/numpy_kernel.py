"""Sampling spike trains from instruments with NumPy.

One uniform number drives several steps and nothing is normalised: with the vector v, whose first
number is the probability of all spikes so far, and u uniform in (0, v_0), pattern b is drawn where u
falls below p_b = (M_b v)_0, else u is lowered by p_b and the next pattern is tried. What is left of u
is again uniform. A float32 has 24 bits, so u is drawn afresh every ``FRESH`` steps.
"""

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
FRESH = 10
_BLOCK = 16_384
"""Numbers a working array holds: small enough to stay in a processor's cache."""


def sample_patterns(
    bank: Float32Array, index: NDArray[np.int32], basis: Float32Array, uniforms: Float32Array
) -> NDArray[np.uint8]:
    """Draw spike patterns.

    Args:
        bank: Instruments, shape (I, O, F, D, D).
        index: Which instrument each row uses at each step, shape (rows, T), or (1, T) for all alike.
        basis: The factors of the F coefficients, shape (T, F, rows).
        uniforms: Uniform numbers, shape (draws, shots, rows), one draw for every ``FRESH`` steps.

    Returns:
        Patterns, uint8, shape (T, shots, rows); bit n is io qubit n.
    """
    steps, _, rows = basis.shape
    shots = uniforms.shape[1]
    patterns = np.empty((steps, shots, rows), np.uint8)
    width = max(_BLOCK // shots, 64)
    for first in range(0, rows, width):
        block = slice(first, min(first + width, rows))
        used = index if len(index) == 1 else index[block]
        _sample_block(bank, used, basis[:, :, block], uniforms[:, :, block], patterns[:, :, block])
    return patterns


def _sample_block(
    bank: Float32Array,
    index: NDArray[np.int32],
    basis: Float32Array,
    uniforms: Float32Array,
    patterns: NDArray[np.uint8],
) -> None:
    _, outcomes, factors, dimension, _ = bank.shape
    steps, shots, rows = patterns.shape
    state = np.zeros((dimension, shots, rows), np.float32)
    state[0] = 1
    for t in range(steps):
        used = index[:, t]
        if (used == used[0]).all():
            flat = bank[used[0]].swapaxes(0, 1).reshape(factors, -1)
            matrices = flat.T @ basis[t]
        else:
            flat = bank[used].swapaxes(1, 2).reshape(rows, factors, -1)
            matrices = np.einsum("fr,rfk->kr", basis[t], flat)
        matrices = matrices.reshape(outcomes, dimension, dimension, rows)
        if t % FRESH == 0:
            left = uniforms[t // FRESH] * state[0]
        pattern = patterns[t]
        pattern[:] = 0
        chosen = np.zeros((shots, rows), bool)
        following = np.empty_like(state)
        total = state[0].copy()
        for outcome in range(outcomes - 1, 0, -1):
            probability = _row(matrices[outcome, 0], state)
            hit = (left < probability) & ~chosen
            total -= np.where(chosen, np.float32(0), probability) if outcomes > 2 else probability
            left = np.where(hit | chosen, left, left - probability)
            chosen |= hit
            pattern[hit] = outcome
            if outcome == outcomes - 1:
                following[0] = probability
                for k in range(1, dimension):
                    following[k] = _row(matrices[outcome, k], state)
            else:
                following[0] = np.where(hit, probability, following[0])
                for k in range(1, dimension):
                    following[k] = np.where(hit, _row(matrices[outcome, k], state), following[k])
        following[0] = np.where(chosen, following[0], total)
        for k in range(1, dimension):
            following[k] = np.where(chosen, following[k], _row(matrices[0, k], state))
        state = following


def _row(coefficients: Float32Array, state: Float32Array) -> Float32Array:
    """The sum over j of coefficients[j] * state[j]; shapes (D, rows) and (D, shots, rows)."""
    total: Float32Array = coefficients[0] * state[0]
    for j in range(1, len(state)):
        total += coefficients[j] * state[j]
    return total
