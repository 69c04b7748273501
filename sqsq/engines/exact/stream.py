"""Which random numbers draw spikes, and in what arithmetic: what both kernels have in common.

One uniform number drives several steps. With the vector v, whose first number v_0 is the probability of
all spikes since it was drawn, and u uniform in (0, v_0), pattern b is drawn where u falls below
p_b = (M_b v)_0, else u and v_0 are lowered by p_b and the next pattern is tried. What is left of u is
again uniform in what is left of v_0, with the bits of the choice gone: N a step, where spikes are as
random as they can be. Before they run out, v is divided by v_0 and u is drawn afresh.
"""

import numpy as np
from numpy.typing import NDArray

STREAM = 2
"""The version of the stream. Another one would draw other spikes from the same table and seed."""

RESERVE = 14
"""Random bits that are never planned with.

After the last step before a draw each spike train still has at least 2^14 values of u to itself, so its
probability is right to 1 part in 2^14, at random: 10^8 shots do not show that. Trains rarer than
planned live on these bits too.
"""

LEAST = 2.0**-33
"""u stays at least this part of v_0 away from 0, and as far from v_0 or by one rounding.

Where a probability is 0, rounding may leave 1e-16 of it, and u itself may be left with 0: a neuron that
cannot spike never does, one that must always does, and v_0 is never 0. Nobody draws 2^33 shots.
"""


def number_type(io_qubits: int) -> np.dtype[np.floating]:
    """What v and u are: float32 has bits for 10 steps of one io qubit, but not for steps of several."""
    return np.dtype(np.float32 if io_qubits == 1 else np.float64)


def steps_per_draw(io_qubits: int) -> int:
    """How many steps one uniform number drives: 10 of one io qubit, 39 / N of N, at least 1."""
    bits = np.finfo(number_type(io_qubits)).nmant + 1
    return max((int(bits) - RESERVE) // io_qubits, 1)


def bounds(number: np.dtype[np.floating]) -> tuple[np.floating, np.floating]:
    """Between which parts of v_0 u stays."""
    return number.type(LEAST), number.type(1 - max(LEAST, float(np.finfo(number).epsneg)))


def draw_uniforms(
    rng: np.random.Generator, steps: int, shots: int, rows: int, io_qubits: int
) -> NDArray[np.floating]:
    """Uniform numbers between ``bounds``, shape (draws, shots, rows), as many draws as the steps need.

    Float32 is made of 32 random bits: near 0, where rare spikes are, it resolves all of them.
    """
    number = number_type(io_qubits)
    shape = (-(-steps // steps_per_draw(io_qubits)), shots, rows)
    if number == np.float32:
        uniforms = rng.integers(0, 2**32, shape, np.uint32).astype(number)
        uniforms *= np.float32(2.0**-32)
        uniforms += np.float32(2.0**-33)
    else:
        uniforms = rng.random(shape)
    return np.clip(uniforms, *bounds(number), out=uniforms)
