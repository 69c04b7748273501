"""Optimisers with explicit state: what a checkpoint must hold is all in sight."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import Within, did_you_mean, make_plain, real_array, shown, whole_number
from sqsq.errors import UsageError
from sqsq.learning.divergence import check_moments, check_update
from sqsq.model import Parameters

OptimiserName = Literal["sgd", "adam"]
FloatArray = NDArray[np.float64]
Rate = Annotated[float, Within(positive=True)]
OptimiserState = dict[str, NDArray[Any]]
"""What an optimiser remembers between updates: arrays by name."""


@runtime_checkable
class Updates(Protocol):
    """An optimiser; a user's own is any object with these two."""

    def init(self, parameters: Parameters) -> OptimiserState:
        """The state before the first update."""

    def update(
        self, state: OptimiserState, parameters: Parameters, gradients: Parameters
    ) -> tuple[Parameters, OptimiserState]:
        """Take one step; the arguments stay as they are."""


@dataclass(frozen=True)
class Optimiser:
    """Plain gradient descent, or Adam.

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

    def init(self, parameters: Parameters) -> OptimiserState:
        """The state before the first update: how many there were, and running means where there are any."""
        state: OptimiserState = {"updates": np.array(0)}
        if self.name == "adam":
            for which in ("first", "second"):
                state[f"{which}_weights"] = np.zeros_like(parameters.weights)
                state[f"{which}_theta"] = np.zeros_like(parameters.theta)
        return state

    def update(
        self, state: OptimiserState, parameters: Parameters, gradients: Parameters
    ) -> tuple[Parameters, OptimiserState]:
        """Take one step downhill.

        Returns:
            The new parameters and the new state; the arguments are unchanged.

        Raises:
            UsageError: If the gradients have other shapes than the parameters, or the state is not one.
            DivergenceError: If what would be stored is not finite, or an angle too large to be resolved.
        """
        check_alike(parameters, gradients, "gradients")
        check_state(state, self.init(parameters))
        updates = int(state["updates"]) + 1
        after: OptimiserState = {"updates": np.array(updates)}
        new = {}
        for name, rate in (("weights", self.lr), ("theta", self.lr_theta)):
            values, gradient = getattr(parameters, name), getattr(gradients, name)
            with np.errstate(all="ignore"):  # what comes out is looked at below
                if self.name == "adam":
                    first = self.beta1 * state[f"first_{name}"] + (1 - self.beta1) * gradient
                    second = self.beta2 * state[f"second_{name}"] + (1 - self.beta2) * gradient**2
                    bias1, bias2 = 1 - self.beta1**updates, 1 - self.beta2**updates
                    after[f"first_{name}"], after[f"second_{name}"] = first, second
                    gradient = first / bias1 / (np.sqrt(second / bias2) + self.tiny)
                new[name] = values - rate * gradient
        check_update(new["weights"], new["theta"], updates, self.lr, self.lr_theta)
        for name in ("weights", "theta"):
            if f"second_{name}" in after:
                check_moments(after[f"second_{name}"], name, updates)
        return Parameters(new["weights"], new["theta"]), after


OPTIMISERS: dict[str, Callable[[float, float], Updates]] = {
    "sgd": lambda lr, lr_theta: Optimiser("sgd", lr, lr_theta),
    "adam": lambda lr, lr_theta: Optimiser("adam", lr, lr_theta),
}
"""By the names under which ``--optimizer`` finds them: from the learning rates of weights and angles."""


def register_optimiser(name: str, make: Callable[[float, float], Updates]) -> None:
    """Make an optimiser available by its name.

    Args:
        name: The name.
        make: Makes it from the learning rates of the weights and of the angles.

    Raises:
        UsageError: If the name is taken by another one.
    """
    if OPTIMISERS.setdefault(name, make) is not make:
        raise UsageError(f"an optimiser named {shown(name)} is registered already")


def find_optimiser(name: str, lr: float, lr_theta: float) -> Updates:
    """An optimiser by its name.

    Raises:
        UsageError: If there is none of this name, or it takes no such rates.
    """
    if name not in OPTIMISERS:
        meant = did_you_mean(name, OPTIMISERS)
        raise UsageError(f"unknown optimizer {shown(name)}{meant}: choose from {', '.join(OPTIMISERS)}")
    return OPTIMISERS[name](lr, lr_theta)


def check_state(state: OptimiserState, wanted: OptimiserState) -> None:
    """Raise UsageError unless a state has finite arrays of these names and shapes, no square negative."""
    if set(state) != set(wanted):
        raise UsageError(f"the state of the optimiser holds {sorted(state)}: must hold {sorted(wanted)}")
    for name, array in wanted.items():
        low = 0 if name.startswith("second_") else -np.inf
        real_array(state[name], f"{name.replace('_', ' ')} of the optimiser", array.shape, low=low)
    whole_number(np.asarray(state["updates"])[()], "the number of updates", 0)


def check_alike(parameters: Parameters, others: Parameters, name: str) -> None:
    """Raise UsageError unless both have the same shapes."""
    for mine, theirs in ((parameters.weights, others.weights), (parameters.theta, others.theta)):
        if mine.shape != theirs.shape:
            raise UsageError(
                f"{name} have shape {theirs.shape}: must be that of the parameters, {mine.shape}"
            )
