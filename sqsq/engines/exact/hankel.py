"""Hankel matrices of spike trains: how many classical states would explain them."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
_RANK_TOLERANCE = 1e-9
_MOST_WORDS = 1024
"""Pasts, and futures, that are looked at."""


def hankel_rank(matrices: FloatArray) -> int:
    """The rank of P(past, future) over pasts and futures of any length: reachable states times effects.

    Args:
        matrices: What each pattern of a step does to the memory, shape (steps, patterns, n, n): of the first
            step, and of all later ones.
    """
    start, later = matrices[0], matrices[1]
    states = _closure(later, start[:, :, 0])
    effects = _closure(later.swapaxes(-1, -2), later[:, 0, :])
    values = np.linalg.svd(effects @ states.T, compute_uv=False)
    return int((values > _RANK_TOLERANCE * values[0]).sum())


def hankel_margin(matrices: FloatArray, classical_states: int) -> float:
    """How far P(past, future) is from one that so many classical states explain.

    Args:
        matrices: As for ``hankel_rank``; pasts and futures of ten steps are looked at, with more than one
            io qubit of fewer.
        classical_states: How many.

    Returns:
        The singular value after the first ``classical_states``, as a share of the largest: 0 where nothing
        is ruled out.
    """
    steps = max((_MOST_WORDS.bit_length() - 1) // (matrices.shape[1].bit_length() - 1), 1)
    states = matrices[0][:, :, 0]
    effects = matrices[1][:, 0, :]
    for _ in range(steps - 1):
        states = np.einsum("oij,vj->voi", matrices[1], states).reshape(-1, states.shape[-1])
        effects = np.einsum("oij,vi->ovj", matrices[1], effects).reshape(-1, effects.shape[-1])
    # the same singular values as of P(past, future) = effects @ states.T, which is large
    first, second = (np.asarray(np.linalg.qr(each, mode="r")) for each in (effects, states))
    values = np.linalg.svd(first @ second.T, compute_uv=False)
    return float(values[classical_states] / values[0]) if classical_states < len(values) else 0.0


def _closure(matrices: FloatArray, vectors: FloatArray) -> FloatArray:
    """An orthonormal basis of what matrices make of vectors, applied again and again; rows."""
    basis = np.zeros((0, matrices.shape[-1]))
    fresh = vectors
    while len(fresh):
        remaining = fresh - fresh @ basis.T @ basis
        remaining = remaining - remaining @ basis.T @ basis
        _, values, rows = np.linalg.svd(remaining, full_matrices=False)
        new = rows[values > _RANK_TOLERANCE]
        basis = np.concatenate([basis, new])
        fresh = np.einsum("oij,vj->ovi", matrices, new).reshape(-1, matrices.shape[-1])
        if len(basis) >= matrices.shape[-1]:
            break
    return basis
