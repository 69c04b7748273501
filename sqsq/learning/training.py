"""Training as a sequence of pure, seeded steps: the same state always gives the same next one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import check_parts, whole_number
from sqsq.errors import DivergenceError, UsageError
from sqsq.learning.batch import LocalGradient
from sqsq.learning.divergence import check_parameters_resolvable
from sqsq.learning.examples import Examples
from sqsq.learning.optimisers import OptimiserState, Updates
from sqsq.learning.rules import Rule
from sqsq.model import Network, Parameters
from sqsq.tables import Plan

_BATCHES, _RULE = 1, 2
"""Streams of random numbers: which examples come when, and what one iteration draws."""


@dataclass(frozen=True, eq=False)
class TrainingProblem:
    """All that stays the same while a network is trained.

    Attributes:
        network: The network.
        examples: What it learns from.
        batch_size: Examples an iteration.
        rule: What estimates gradients.
        optimiser: How gradients become updates.
        seed: The seed of batches, encodings and perturbations.

    Raises:
        UsageError: If the batch is empty or larger than the data, the examples do not fit the network, the
            seed is no whole number from 0 on, or rule or optimiser lack what they need.
    """

    network: Network
    examples: Examples
    batch_size: int
    rule: Rule
    optimiser: Updates
    seed: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "seed", whole_number(self.seed, "seed", 0))
        object.__setattr__(self, "batch_size", whole_number(self.batch_size, "batch size"))
        if not 1 <= self.batch_size <= len(self.examples):
            raise UsageError(
                f"batch size {self.batch_size}: must be 1 to {len(self.examples)}, the training examples"
            )
        self.examples.check_fits(self.network)
        check_parts(self.rule, Rule, "a rule")
        check_parts(self.optimiser, Updates, "an optimiser")


@dataclass(frozen=True, eq=False)
class TrainingState:
    """Where training stands.

    Attributes:
        iteration: Iterations done.
        parameters: The parameters after them.
        optimiser: The optimiser's state after them.

    Raises:
        UsageError: If a number is not finite, or an angle too large to be resolved.
    """

    iteration: int
    parameters: Parameters
    optimiser: OptimiserState

    def __post_init__(self) -> None:
        object.__setattr__(self, "iteration", whole_number(self.iteration, "iteration", 0))
        check_parameters_resolvable(self.parameters)


def start_training(problem: TrainingProblem, parameters: Parameters) -> TrainingState:
    """The state before the first iteration."""
    return TrainingState(0, parameters, problem.optimiser.init(parameters))


def training_step(
    problem: TrainingProblem, state: TrainingState
) -> Plan[tuple[TrainingState, LocalGradient]]:
    """One iteration: encode a mini-batch, apply the rule, update.

    Yields:
        The tables of the rule.

    Returns:
        The next state, and the gradients that led to it.

    Raises:
        DivergenceError: If a number is not finite, or an angle too large to be resolved.
    """
    network = problem.network
    chosen = batch_indices(problem, state.iteration)
    rng = np.random.default_rng([problem.seed, _RULE, state.iteration])
    batch = problem.examples.draw(chosen, network, problem.rule.m, rng)
    key = ("iteration", state.iteration)
    try:
        gradient = yield from problem.rule.gradient(network, state.parameters, batch, rng, key)
    except DivergenceError as error:
        raise DivergenceError(f"training diverged in iteration {state.iteration + 1}: {error}") from error
    parameters, optimiser = problem.optimiser.update(state.optimiser, state.parameters, gradient.gradients)
    return TrainingState(state.iteration + 1, parameters, optimiser), gradient


def batch_indices(problem: TrainingProblem, iteration: int) -> NDArray[np.intp]:
    """The examples of an iteration: every epoch shuffles afresh, what does not fill a batch is left out."""
    epoch, position = divmod(iteration, len(problem.examples) // problem.batch_size)
    order = np.random.default_rng([problem.seed, _BATCHES, epoch]).permutation(len(problem.examples))
    return order[position * problem.batch_size : (position + 1) * problem.batch_size]
