"""Sampling spike trains from instruments with NumPy: any neuron, see ``stream`` for the method.

Every product and every sum is written out, so that each is rounded once and in this order on every
machine: BLAS and ``einsum`` sum in an order of their own and fuse. The numba kernel does the same.
"""

import numpy as np
from numpy.typing import NDArray

from sqsq.engines.exact.stream import bounds

FloatArray = NDArray[np.float64]
NumberArray = NDArray[np.floating]
"""Float32 or float64, ``stream.number_type``."""
_BLOCK = 16_384
"""Numbers a working array holds: small enough to stay in a processor's cache."""


def sample_patterns(
    bank: FloatArray, index: NDArray[np.int32], basis: FloatArray, uniforms: NumberArray, steps_per_draw: int
) -> NDArray[np.unsignedinteger]:
    """Draw spike patterns.

    Args:
        bank: Instruments, shape (I, O, F, D, D).
        index: Which instrument each row uses at each step, shape (rows, T), or (1, T) for all alike.
        basis: The factors of the F coefficients, shape (T, F, rows).
        uniforms: Uniform numbers, shape (draws, shots, rows), one draw for every ``steps_per_draw`` steps.
        steps_per_draw: How many steps a uniform number drives.

    Returns:
        Patterns, shape (T, shots, rows); bit n is io qubit n.
    """
    _, outcomes, _, dimension, _ = bank.shape
    steps, _, rows = basis.shape
    shots = uniforms.shape[1]
    patterns = np.empty((steps, shots, rows), np.min_scalar_type(outcomes - 1))
    width = rows_at_once(outcomes, dimension, shots)
    for first in range(0, rows, width):
        block = slice(first, min(first + width, rows))
        used = index if len(index) == 1 else index[block]
        state: NumberArray = np.zeros((dimension, shots, block.stop - first), uniforms.dtype)
        state[0] = 1
        for t in range(steps):
            if t % steps_per_draw == 0:
                state[1:] *= 1 / state[0]
                state[0] = 1
                left = uniforms[t // steps_per_draw, :, block]
            matrices = step_matrices(bank, used[:, t], basis[t, :, block], uniforms.dtype)
            patterns[t, :, block], state, left = draw_step(matrices, state, left)
    return patterns


def rows_at_once(outcomes: int, dimension: int, shots: int) -> int:
    """Rows whose working arrays stay in a processor's cache, at least 64."""
    return max(_BLOCK // max(shots, outcomes * dimension), 64)


def step_matrices(
    bank: FloatArray, index: NDArray[np.int32], basis: FloatArray, number: np.dtype[np.floating]
) -> NumberArray:
    """The matrices of one step, without the row that no draw needs: what pattern 0 makes of v_0.

    Args:
        bank: Instruments, shape (I, O, F, D, D).
        index: Which one each row uses, shape (rows,), or (1,) for all alike.
        basis: The factors of the F coefficients, shape (F, rows).
        number: Of what type the matrices are to be.

    Returns:
        Rows of the matrices, pattern by pattern, shape (O D - 1, D, rows). Those that give a pattern's
        probability are summed up in float64 and rounded once: where it is 0 or 1, terms cancel.
    """
    _, outcomes, factors, dimension, _ = bank.shape
    alike = (index == index[0]).all()
    chosen = bank[index[:1] if alike else index].transpose(2, 1, 3, 4, 0)
    coefficients = chosen.reshape(factors, outcomes * dimension, dimension, -1)[:, 1:]
    matrices = _sum_of_products(coefficients.astype(number), basis.astype(number))
    if number != np.float64:
        probabilities = slice(dimension - 1, None, dimension)
        matrices[probabilities] = _sum_of_products(coefficients[:, probabilities], basis)
    return matrices


def draw_step(
    matrices: NumberArray, state: NumberArray, left: NumberArray
) -> tuple[NDArray[np.unsignedinteger], NumberArray, NumberArray]:
    """Draw one step.

    Args:
        matrices: Of ``step_matrices``, shape (O D - 1, D, rows).
        state: v before the step, shape (D, shots, rows).
        left: u, shape (shots, rows).

    Returns:
        Patterns, v and u after the step.
    """
    dimension = len(state)
    outcomes = (len(matrices) + 1) // dimension
    least, most = bounds(state.dtype)
    rest = state[0]
    following = np.empty_like(state)
    for k in range(1, dimension):
        following[k] = _row(matrices[k - 1], state)
    pattern = np.zeros(rest.shape, np.min_scalar_type(outcomes - 1))
    undecided = np.ones(rest.shape, bool)
    for outcome in range(outcomes - 1, 0, -1):
        own = matrices[outcome * dimension - 1 :]
        probability = _row(own[0], state)
        hit = undecided & (left < probability)
        undecided &= ~hit
        missed = undecided * probability
        left = left - missed
        rest = np.where(hit, probability, rest - missed)
        left = np.minimum(np.maximum(left, least * rest), most * rest)
        for k in range(1, dimension):
            following[k] = np.where(hit, _row(own[k], state), following[k])
        pattern[hit] = outcome
    following[0] = rest
    return pattern, following, left


def _sum_of_products(coefficients: NumberArray, basis: NumberArray) -> NumberArray:
    """The sum over f of coefficients[f] * basis[f]; shapes (F, ..., rows or 1) and (F, rows)."""
    total: NumberArray = coefficients[0] * basis[0]
    for factor in range(1, len(basis)):
        total += coefficients[factor] * basis[factor]
    return total


def _row(coefficients: NumberArray, state: NumberArray) -> NumberArray:
    """The sum over j of coefficients[j] * state[j]; shapes (D, rows) and (D, shots, rows)."""
    total: NumberArray = coefficients[0] * state[0]
    for j in range(1, len(state)):
        total += coefficients[j] * state[j]
    return total
