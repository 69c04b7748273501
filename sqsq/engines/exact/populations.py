"""Instruments for drawing: memory qubits by the population of |1> instead of by Z.

A memory qubit at rest then is an exact 0, which float32 keeps through any number of steps; 1 - Z would
leave 1e-7 of a spike where none can be.
"""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def with_populations(bank: FloatArray) -> FloatArray:
    """Instruments that act on vectors in which (1 - Z) / 2 of each qubit stands in the place of Z.

    Args:
        bank: In the Pauli basis, shape (..., D, D), D a power of 4.

    Returns:
        The same shape; the first number of a vector is the probability in both.
    """
    dimension = bank.shape[-1]
    moved = bank.copy()
    inner = dimension // 4
    while inner:
        split = moved.reshape(*bank.shape[:-2], dimension // inner // 4, 4, inner, dimension)
        split[..., 3, :, :] = (split[..., 0, :, :] - split[..., 3, :, :]) / 2
        split = moved.reshape(*bank.shape[:-1], dimension // inner // 4, 4, inner)
        split[..., 0, :] += split[..., 3, :]
        split[..., 3, :] *= -2
        inner //= 4
    return moved
