"""Optimisers with explicit state: what a checkpoint must hold is all in sight."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np

from sqsq.checks import Within, make_plain
from sqsq.model import Parameters

OptimiserName = Literal["sgd", "adam"]
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
        UsageError: If the name is unknown or a rate is not a positive number.
    """

    name: OptimiserName = "sgd"
    lr: Rate = 0.03
    lr_theta: Rate = 0.02
    beta1: float = 0.9
    beta2: float = 0.999
    tiny: float = 1e-8

    def __post_init__(self) -> None:
        make_plain(self, {"name": "optimizer"})


@dataclass(frozen=True, eq=False)
class OptimiserState:
    """What an optimiser remembers between updates.

    Attributes:
        updates: How many there were.
        first: Running mean of the gradients (zero for SGD).
        second: Running mean of their squares (zero for SGD).
    """

    updates: int
    first: Parameters
    second: Parameters


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
    """
    updates = state.updates + 1
    first, second = state.first, state.second
    if optimiser.name == "sgd":
        step = gradients
    else:
        first = _mix(optimiser.beta1, state.first, gradients, 1)
        second = _mix(optimiser.beta2, state.second, gradients, 2)
        bias1, bias2 = 1 - optimiser.beta1**updates, 1 - optimiser.beta2**updates
        step = Parameters(
            first.weights / bias1 / (np.sqrt(second.weights / bias2) + optimiser.tiny),
            first.theta / bias1 / (np.sqrt(second.theta / bias2) + optimiser.tiny),
        )
    moved = Parameters(
        parameters.weights - optimiser.lr * step.weights,
        parameters.theta - optimiser.lr_theta * step.theta,
    )
    return moved, OptimiserState(updates, first, second)


def _mix(beta: float, running: Parameters, gradients: Parameters, power: int) -> Parameters:
    return Parameters(
        beta * running.weights + (1 - beta) * gradients.weights**power,
        beta * running.theta + (1 - beta) * gradients.theta**power,
    )
