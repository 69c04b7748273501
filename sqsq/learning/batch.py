"""What a rule is given and what it returns: encoded examples, and gradients."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import mask_array, spike_array
from sqsq.errors import UsageError
from sqsq.model import Network, Parameters

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Batch:
    """Encoded examples.

    Attributes:
        inputs: Spikes of the input lines, an own encoding for each pass, uint8,
            shape (batch, M, T, inputs).
        targets: The spikes o^T that the output neurons should emit, uint8,
            shape (batch, T, outputs, channels).
        counted: The steps at which these targets matter, shape (T,); all if None.

    Raises:
        UsageError: If a spike is neither 0 nor 1, shapes do not fit together, or no step matters.
    """

    inputs: NDArray[np.uint8]
    targets: NDArray[np.uint8]
    counted: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        inputs = spike_array(self.inputs, "inputs", ("batch", "M", "T", "inputs"))
        examples, _, steps, _ = inputs.shape
        targets = spike_array(self.targets, "targets", (examples, steps, "outputs", "channels"))
        object.__setattr__(self, "inputs", inputs)
        object.__setattr__(self, "targets", targets)
        if self.counted is not None:
            object.__setattr__(self, "counted", mask_array(self.counted, "counted", (steps,)))

    def check_fits(self, network: Network) -> None:
        """Raise UsageError unless a network has these input lines, outputs and channels."""
        found = (self.inputs.shape[3], *self.targets.shape[2:])
        needed = (network.inputs, len(network.outputs), network.channels)
        if found != needed:
            raise UsageError(
                f"the batch has {found[0]} input lines and targets of {found[1]} outputs with {found[2]} "
                f"channels: the network has {needed[0]}, {needed[1]} and {needed[2]}"
            )

    @property
    def step_weights(self) -> FloatArray:
        """1 for the steps that count, 0 for the others, shape (T,)."""
        counted = np.ones(self.inputs.shape[2], bool) if self.counted is None else self.counted
        return counted.astype(np.float64)


@dataclass(frozen=True, eq=False)
class LocalGradient:
    """What one application of the rule estimates.

    Attributes:
        gradients: Of the bound L of eq. (15), as far as the estimator and the shifts are those of it (see
            the module), averaged over the batch, the M passes and the T steps.
        loss_bound: The estimate of L itself, eq. (16), nats, averaged over batch and passes; with
            ``marginal`` the sum of -log p(s_t), which is not that of the joint probability.
        without_estimate: The share of (evaluation, step) pairs for which no shot survived
            (``prefix`` only).
        saved_evaluations: How many shifts of currents were not measured because they could not matter; None
            for rules that shift none.
    """

    gradients: Parameters
    loss_bound: float
    without_estimate: float
    saved_evaluations: int | None = None


def held_spikes(
    network: Network, neurons: Sequence[int], spikes: NDArray[np.uint8], targets: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Targets of output neurons, sampled spikes of hidden ones, (batch, M, neurons, T, channels)."""
    held = np.moveaxis(spikes[..., [network.inputs + i for i in neurons], :], 3, 2).copy()
    for row, i in enumerate(neurons):
        if i in network.outputs:
            held[:, :, row] = targets[:, None, :, network.outputs.index(i)]
    return held
