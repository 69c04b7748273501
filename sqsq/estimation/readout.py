"""Correction of misread spikes: each shot counts by the inverse of the assignment matrix.

A shot that recorded r counts A^-1[r, s] for the spike s. Misreadings are independent and change nothing of
what follows, for resets do not depend on what was recorded: so the product over io qubits estimates p(s_t)
without bias, and the product over all steps up to t estimates P_t = p(s_1 ... s_t), for ``prefix``.
"""

from itertools import product
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import choice, real_array, spike_array
from sqsq.estimation.hits import Estimator
from sqsq.tables import Spikes

FloatArray = NDArray[np.float64]
_BLOCK = 2**22
"""Numbers in the weights of a block of rows."""


def corrected_frequencies(
    spikes: Spikes, held: NDArray[np.uint8], inverses: FloatArray, estimator: Estimator
) -> FloatArray:
    """Estimate the probabilities of the held spikes from misread ones.

    Args:
        spikes: Recorded spikes, shape (rows, shots, T, N).
        held: The spikes s, shape (rows, T, N).
        inverses: A^-1 of the io qubits that ran each row, [row, n, recorded, true],
            shape (rows, N, 2, 2).
        estimator: ``marginal``: p(s_t); ``prefix``: P_t = p(s_1 ... s_t).

    Returns:
        Shape (rows, T); not within [0, 1] by necessity.

    Raises:
        UsageError: If a spike is neither 0 nor 1, a number is not finite, or a shape does not fit.
    """
    choice(estimator, "estimator", get_args(Estimator))
    spikes = spike_array(spikes, "spikes", ("rows", "shots", "T", "N"), may_be_empty=("rows",))
    held = spike_array(held, "held", (len(spikes), *spikes.shape[2:]))
    inverses = real_array(inverses, "inverses", (len(spikes), spikes.shape[3], 2, 2))
    rows, shots, steps, io_qubits = spikes.shape
    if estimator == "marginal":
        frequencies = np.zeros((rows, steps))
        for pattern in product((0, 1), repeat=io_qubits):
            seen = (spikes == np.array(pattern, np.uint8)).all(axis=-1).mean(axis=1)
            frequencies += seen * pattern_weights(np.array(pattern), held, inverses)
        return frequencies
    frequencies = np.empty((rows, steps))
    size = max(_BLOCK // (shots * steps), 1)
    for first in range(0, rows, size):
        block = slice(first, min(first + size, rows))
        weights = np.ones((block.stop - first, shots, steps))
        for n in range(io_qubits):
            for recorded in (0, 1):
                seen = spikes[block, ..., n] == recorded
                own = pattern_weights(
                    np.array([recorded]), held[block, :, n : n + 1], inverses[block, n : n + 1]
                )
                weights *= np.where(seen, own[:, None], 1.0)
        frequencies[block] = np.multiply.accumulate(weights, axis=-1).mean(axis=1)
    return frequencies


def pattern_weights(recorded: NDArray[np.int64], held: NDArray[np.uint8], inverses: FloatArray) -> FloatArray:
    """What a recorded pattern counts for the held spikes: the product over n of A^-1[r_n, s_n].

    Args:
        recorded: The pattern r, shape (N,).
        held: The spikes s, shape (..., rows, T, N).
        inverses: Shape (..., rows, N, 2, 2).

    Returns:
        Shape (..., rows, T).
    """
    weights: FloatArray = np.ones(np.broadcast_shapes(held.shape[:-1], (*inverses.shape[:-3], 1)))
    for n, bit in enumerate(recorded):
        of_true = inverses[..., n, bit, :]
        weights = weights * np.where(held[..., n] == 1, of_true[..., None, 1], of_true[..., None, 0])
    return weights
