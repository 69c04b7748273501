"""The stochastic leaky integrate-and-fire neuron, with as many parameters as an SQS neuron.

The membrane v and the spikes s of a neuron with input angles phi follow

    v_t = leak (1 - reset s_{t-1}) v_{t-1} + phi_t,  p(s_t = 1) = sigmoid(2 (v_t - threshold)),

with v_0 = s_0 = 0. Angles take the place of currents, phi = pi z, and are not rectified: a LIF neuron
can be inhibited. The three numbers of theta are free and squashed into

    leak = sigmoid(theta[0]),  threshold = pi/2 + theta[1],  reset = sigmoid(theta[2]).

The slope 2 makes a neuron without leak turn from silence to spikes over the same currents as sin^2(phi/2).
It is not trained: it would say no more than the scale of weights and threshold. How much a spike resets
is: 1 is the usual hard reset, 0 none.
"""

import numpy as np
from numpy.typing import NDArray

from sqsq.model import LIF

FloatArray = NDArray[np.float64]
SLOPE = 2.0
NAME = LIF.ansatz


def membrane_constants(theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Leak, threshold and reset of theta, shape (..., 3); each of shape (...)."""
    return sigmoid(theta[..., 0]), np.pi / 2 + theta[..., 1], sigmoid(theta[..., 2])


def sigmoid(x: FloatArray) -> FloatArray:
    """1 / (1 + exp(-x)) without overflow."""
    values: FloatArray = 0.5 * (1.0 + np.tanh(0.5 * x))
    return values


def log_sigmoid(x: FloatArray) -> FloatArray:
    """Log of ``sigmoid``, finite for every finite x."""
    return -np.logaddexp(0.0, -x)
