"""Optimisers with explicit state: what a checkpoint must hold is all in sight."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import Within, make_plain, real_array, whole_number
from sqsq.errors import UsageError
from sqsq.learning.divergence import check_moments, check_update
from sqsq.model import Parameters

OptimiserName = Literal["sgd", "adam"]
FloatArray = NDArray[np.float64]
Rate = Annotated[float, Within(positive=True)]


@dataclass(frozen=True)
class Optimiser:
    """Which rule turns gradients into updates.

    Attributes:
        name: ``sgd``, or ``adam`` (Kingma and Ba, arXiv:1412.6980).
        lr: The learning rate of the weights.
        lr_theta: The learning rate of the angles.
        beta1: Decay of Adam's first moment.
        beta2: Decay of its second moment.
        tiny: What Adam adds to its denominator.

    Raises:
        UsageError: If the name is unknown, a rate or ``tiny`` is not a positive number, or a decay is not in
            [0, 1).
    """

    name: OptimiserName = "sgd"
    lr: Rate = 0.03
    lr_theta: Rate = 0.02
    beta1: float = 0.9
    beta2: float = 0.999
    tiny: Rate = 1e-8

    def __post_init__(self) -> None:
        make_plain(self, {"name": "optimizer"})
        for field in ("beta1", "beta2"):
            if not 0 <= getattr(self, field) < 1:
                raise UsageError(f"{field} is {getattr(self, field)}: must be at least 0 and below 1")


@dataclass(frozen=True, eq=False)
class OptimiserState:
    """What an optimiser remembers between updates.

    Attributes:
        updates: How many there were.
        first: Running mean of the gradients (zero for SGD).
        second: Running mean of their squares (zero for SGD).

    Raises:
        UsageError: If a number is not finite, a mean of squares negative, or shapes differ.
    """

    updates: int
    first: Parameters
    second: Parameters

    def __post_init__(self) -> None:
        object.__setattr__(self, "updates", whole_number(self.updates, "the number of updates", 0))
        for name in ("weights", "theta"):
            first = real_array(getattr(self.first, name), f"first moments of {name}")
            real_array(getattr(self.second, name), f"second moments of {name}", first.shape, low=0)


def initial_state(parameters: Parameters) -> OptimiserState:
    """The state before the first update."""
    zero = Parameters(np.zeros_like(parameters.weights), np.zeros_like(parameters.theta))
    return OptimiserState(0, zero, zero)


def update(
    optimiser: Optimiser, state: OptimiserState, parameters: Parameters, gradients: Parameters
) -> tuple[Parameters, OptimiserState]:
    """Take one step downhill.

    Returns:
        The new parameters and the new state; the arguments are unchanged.

    Raises:
        UsageError: If the gradients have other shapes than the parameters.
        DivergenceError: If what would be stored is not finite, or an angle too large to be resolved.
    """
    check_alike(parameters, gradients, "gradients")
    updates = state.updates + 1
    weights, first_weights, second_weights = _step(
        optimiser,
        optimiser.lr,
        updates,
        parameters.weights,
        gradients.weights,
        state.first.weights,
        state.second.weights,
    )
    theta, first_theta, second_theta = _step(
        optimiser,
        optimiser.lr_theta,
        updates,
        parameters.theta,
        gradients.theta,
        state.first.theta,
        state.second.theta,
    )
    check_update(weights, theta, updates, optimiser.lr, optimiser.lr_theta)
    for name, second in (("weights", second_weights), ("theta", second_theta)):
        check_moments(second, name, updates)
    return Parameters(weights, theta), OptimiserState(
        updates, Parameters(first_weights, first_theta), Parameters(second_weights, second_theta)
    )


def _step(
    optimiser: Optimiser,
    rate: float,
    updates: int,
    values: FloatArray,
    gradient: FloatArray,
    first: FloatArray,
    second: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """New values and moments; not finite where numbers are too large."""
    with np.errstate(all="ignore"):  # the caller looks at what comes out
        if optimiser.name == "sgd":
            return values - rate * gradient, first, second
        first = optimiser.beta1 * first + (1 - optimiser.beta1) * gradient
        second = optimiser.beta2 * second + (1 - optimiser.beta2) * gradient**2
        bias1, bias2 = 1 - optimiser.beta1**updates, 1 - optimiser.beta2**updates
        step = first / bias1 / (np.sqrt(second / bias2) + optimiser.tiny)
        return values - rate * step, first, second


def check_alike(parameters: Parameters, others: Parameters, name: str) -> None:
    """Raise UsageError unless both have the same shapes."""
    for mine, theirs in ((parameters.weights, others.weights), (parameters.theta, others.theta)):
        if mine.shape != theirs.shape:
            raise UsageError(
                f"{name} have shape {theirs.shape}: must be that of the parameters, {mine.shape}"
            )
