"""What the output layer broadcasts to the hidden neurons, eqs. (22) and (23)."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sqsq.errors import UsageError

Feedback = Literal["to-go", "paper"]
Baseline = Literal["auto", "none", "passes", "batch"]
FloatArray = NDArray[np.float64]


def feedback_signal(losses: FloatArray, kind: Feedback, baseline: Baseline) -> FloatArray:
    """Weights of the hidden neurons' score at each step.

    Args:
        losses: The log-losses l_t(m) of eq. (22), shape (batch, M, T).
        kind: ``to-go``: the sum of the losses from step t on, with which the expectation is the gradient of
            eq. (15) if losses and scores are those of p(s_t | the neuron's earlier spikes), as the estimator
            ``prefix`` means it; with ``marginal``, p(s_t) alone, it is not that gradient, unless neurons
            have no memory. ``paper``: the loss of step t alone, eq. (23), which is not with either.
        baseline: What is subtracted to lower the variance; none moves the expectation, since it does not
            depend on the pass it is subtracted from. ``passes``: the mean of the other
            passes of the same image; ``batch``: of all other passes of the batch; ``auto``: the
            former where M > 1, else none.

    Returns:
        Shape (batch, M, T).

    Raises:
        UsageError: If ``passes`` is asked for with M = 1, or ``batch`` with a single pass in all.
    """
    signal: FloatArray = losses if kind == "paper" else np.flip(np.cumsum(np.flip(losses, -1), -1), -1)
    images, passes = losses.shape[:2]
    if baseline == "none" or (baseline == "auto" and passes == 1):
        return signal
    if baseline == "batch":
        others, total = images * passes - 1, signal.sum(axis=(0, 1), keepdims=True)
    else:
        others, total = passes - 1, signal.sum(axis=1, keepdims=True)
    if others < 1:
        raise UsageError(f"baseline {baseline!r} compares passes with each other: M = {passes} leaves none")
    compared: FloatArray = signal - (total - signal) / others
    return compared
