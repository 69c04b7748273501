"""Exact probabilities of a stochastic LIF neuron's spikes, and their derivatives.

Arrays: phi (rows, T), theta (rows, T, 3), spikes s (rows, T). Histories are numbered with the first
step as the most significant bit.
"""

import numpy as np
from numpy.typing import NDArray

from sqsq.engines.lif.neuron import SLOPE, log_sigmoid, membrane_constants, sigmoid
from sqsq.tables import Scores

FloatArray = NDArray[np.float64]
FLOOR = 1e-290
"""What a spike counts as in a marginal score whose probability, far from the threshold, rounds to 0."""


def conditional_scores(
    phi: FloatArray, theta: FloatArray, spikes: NDArray[np.uint8], factor: FloatArray
) -> Scores:
    """Log p(s_t | s_1 ... s_{t-1}), and the gradient of the sum over t of factor_t times it."""
    leak, threshold, reset = membrane_constants(theta)
    s = spikes.astype(np.float64)
    membrane = np.zeros(phi.shape)
    before = np.zeros(phi.shape)  # v_{t-1}
    spiked = np.zeros(phi.shape)  # s_{t-1}
    spiked[:, 1:] = s[:, :-1]
    kept = leak * (1 - reset * spiked)
    for t in range(phi.shape[1]):
        if t:
            before[:, t] = membrane[:, t - 1]
        membrane[:, t] = kept[:, t] * before[:, t] + phi[:, t]
    drive = SLOPE * (membrane - threshold)
    by_drive = SLOPE * factor * (s - sigmoid(drive))
    by_membrane = by_drive.copy()
    for t in reversed(range(phi.shape[1] - 1)):
        by_membrane[:, t] += by_membrane[:, t + 1] * kept[:, t + 1]
    by_theta = np.stack(
        [
            by_membrane * before * kept * (1 - leak),
            -by_drive,
            -by_membrane * before * leak * spiked * reset * (1 - reset),
        ],
        axis=-1,
    )
    return Scores(log_sigmoid(np.where(spikes, drive, -drive)), by_membrane[..., None], by_theta)


def marginal_scores(
    phi: FloatArray, theta: FloatArray, spikes: NDArray[np.uint8], factor: FloatArray
) -> Scores:
    """Log p(s_t), whatever was emitted before, and the gradient of the sum over t of factor_t times it.

    All 2^T histories are walked through, forwards for the probabilities and backwards for the gradient.
    """
    leak, _, reset = (constant[:, :, None] for constant in membrane_constants(theta))
    rows, steps = phi.shape
    tree = _walk_histories(phi, theta)
    log_probability = np.empty((rows, steps))
    by_phi = np.empty((rows, steps, 1))
    by_theta = np.zeros((rows, steps, 3))
    back_chance = np.zeros((rows, 2**steps))
    back_membrane = np.zeros((rows, 2**steps))
    for t in reversed(range(steps)):
        chance, membrane, spike = tree[t]
        held = spikes[:, t, None]
        emitted = np.where(held, spike, 1 - spike)
        total = (chance * emitted).sum(axis=1)
        log_probability[:, t] = np.log(np.maximum(total, FLOOR))
        weight = (np.where(total > FLOOR, factor[:, t], 0.0) / np.maximum(total, FLOOR))[:, None]
        back_silent, back_spiking = back_chance[:, ::2], back_chance[:, 1::2]
        by_spike = chance * (np.where(held, weight, -weight) + back_spiking - back_silent)
        by_drive = SLOPE * by_spike * spike * (1 - spike)
        by_theta[:, t, 1] = -by_drive.sum(axis=1)
        back_chance = weight * emitted + back_spiking * spike + back_silent * (1 - spike)
        if t + 1 < steps:
            next_leak, next_reset = leak[:, t + 1], reset[:, t + 1]
            silent, spiking = back_membrane[:, ::2], back_membrane[:, 1::2]
            kept = silent + spiking * (1 - next_reset)
            by_theta[:, t + 1, 0] = (next_leak * (1 - next_leak) * membrane * kept).sum(axis=1)
            slope = next_reset * (1 - next_reset)
            by_theta[:, t + 1, 2] = -(next_leak * slope * membrane * spiking).sum(axis=1)
            by_drive = by_drive + next_leak * kept
        back_membrane = by_drive
        by_phi[:, t, 0] = back_membrane.sum(axis=1)
    return Scores(log_probability, by_phi, by_theta)


def joint_probabilities(phi: FloatArray, theta: FloatArray) -> FloatArray:
    """The joint distribution of the spikes, shape (rows, 2, ..., 2), one axis a step."""
    rows, steps = phi.shape
    chance, _, spike = _walk_histories(phi, theta)[-1]
    leaves = np.stack([chance * (1 - spike), chance * spike], axis=-1)
    return leaves.reshape(rows, *(2,) * steps)


def _walk_histories(phi: FloatArray, theta: FloatArray) -> list[tuple[FloatArray, FloatArray, FloatArray]]:
    """For each step, by the history before it: its probability, the membrane, and p(spike | history).

    Each of shape (rows, 2^t).
    """
    leak, threshold, reset = (constant[:, :, None] for constant in membrane_constants(theta))
    rows, steps = phi.shape
    chance: FloatArray = np.ones((rows, 1))
    membrane: FloatArray = np.zeros((rows, 1))
    levels: list[tuple[FloatArray, FloatArray, FloatArray]] = []
    for t in range(steps):
        if t:
            spike = levels[-1][2]
            chance = np.stack([chance * (1 - spike), chance * spike], axis=-1).reshape(rows, -1)
            membrane = np.stack([membrane, (1 - reset[:, t]) * membrane], axis=-1).reshape(rows, -1)
            membrane = leak[:, t] * membrane
        membrane = membrane + phi[:, t, None]
        levels.append((chance, membrane, sigmoid(SLOPE * (membrane - threshold[:, t]))))
    return levels
