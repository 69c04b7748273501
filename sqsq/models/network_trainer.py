"""A trainer of spiking networks by any rule and any optimiser."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import real_array
from sqsq.data import Inputs
from sqsq.errors import UsageError
from sqsq.estimation import Calibration, Mitigation
from sqsq.inference import ForwardMode, Predictions, predict, predict_by_probability
from sqsq.learning import (
    EncodedExamples,
    Rule,
    TrainingProblem,
    TrainingState,
    Updates,
    start_training,
    training_step,
)
from sqsq.model import Network, Parameters, initial_parameters
from sqsq.models.groups import NetworkSettings, TrainingSettings
from sqsq.tables import Plan, Template
from sqsq.training import OPTIMISER_ARRAYS, Arrays, Problem, StepMetrics

_INITIAL = 3
"""A stream of random numbers, beside those of ``sqsq.learning.training``."""


@dataclass(frozen=True, eq=False)
class NetworkTrainer:
    """Trains all weights and angles of a network by a rule.

    Attributes:
        problem: What is learned.
        network: The network.
        steps: T.
        mode: How its neurons run; see ``forward``.
        rule: What estimates gradients.
        optimiser: How gradients become updates.
        batch_size: Examples of a mini-batch.
        seed: The seed of everything.
    """

    problem: Problem
    network: Network
    steps: int
    mode: ForwardMode
    rule: Rule
    optimiser: Updates
    batch_size: int
    seed: int

    @property
    def template(self) -> Template:
        """See ``TrainsNetwork.template``: that of the output neurons."""
        return Template(self.network.neurons[self.network.outputs[0]], self.steps)

    @cached_property
    def training_problem(self) -> TrainingProblem:
        """What the rule learns from."""
        examples = self.problem.training_examples
        return TrainingProblem(
            self.network,
            EncodedExamples(examples.images, examples.labels, self.steps, self.problem.encoder),
            self.batch_size,
            self.rule,
            self.optimiser,
            self.seed,
        )

    def with_parts(self, rule: Rule | None = None, optimiser: Updates | None = None) -> "NetworkTrainer":
        """See ``TakesParts``; what is known of how to mitigate a rule holds for its own rule only."""
        changed = replace(self, optimiser=optimiser or self.optimiser)
        if rule is None:
            return changed
        own = {each.name: getattr(changed, each.name) for each in fields(NetworkTrainer)}
        return NetworkTrainer(**{**own, "rule": rule})

    def init(self) -> TrainingState:
        """See ``Trainer.init``: ``initial_parameters`` for the spikes that the examples send."""
        images = self.training_problem.examples.images  # type: ignore[attr-defined]
        active = self.problem.encoder.spikes_per_step(images, self.steps)
        rng = np.random.default_rng([self.seed, _INITIAL])
        return start_training(self.training_problem, initial_parameters(self.network, active, rng))

    def step(self, state: TrainingState, iteration: int) -> Plan[tuple[TrainingState, StepMetrics]]:
        """See ``Trainer.step``: a mini-batch, its gradients, an update."""
        after, gradient = yield from training_step(self.training_problem, state)
        norms = gradient.gradients
        measures = {
            "loss_bound": gradient.loss_bound,
            "gradient_norm_weights": float(np.linalg.norm(norms.weights)),
            "gradient_norm_theta": float(np.linalg.norm(norms.theta)),
            "without_estimate": gradient.without_estimate,
        }
        if gradient.saved_evaluations is not None:
            measures["saved_evaluations"] = float(gradient.saved_evaluations)
        return after, measures

    def predict(
        self,
        state: TrainingState,
        examples: Inputs,
        rng: np.random.Generator,
        key: tuple[str | int, ...] = (),
    ) -> Plan[Predictions]:
        """See ``Trainer.predict``."""
        inputs = self._encode(examples, rng)
        return predict(self.network, state.parameters, inputs, rng, key, self.mode)

    def predict_by_probability(
        self,
        state: TrainingState,
        examples: Inputs,
        rng: np.random.Generator,
        shots: int,
        mitigation: Mitigation | None = None,
        calibrations: Sequence[Calibration] = (),
        key: tuple[str | int, ...] = (),
    ) -> Plan[Predictions]:
        """See ``PredictsByProbability``."""
        return predict_by_probability(
            self.network,
            state.parameters,
            self._encode(examples, rng),
            rng,
            shots,
            mitigation=mitigation,
            calibrations=calibrations,
            key=key,
            mode=self.mode,
        )

    def parameters(self, state: TrainingState) -> Parameters:
        """See ``TrainsNetwork.parameters``."""
        return state.parameters

    def arrays(self, state: TrainingState) -> Arrays:
        """See ``Trainer.arrays``."""
        own = {f"{OPTIMISER_ARRAYS}{name}": array for name, array in state.optimiser.items()}
        return {
            "iteration": np.array(state.iteration),
            "weights": state.parameters.weights,
            "theta": state.parameters.theta,
            **own,
        }

    def restore(self, arrays: Arrays) -> TrainingState:
        """See ``Trainer.restore``."""
        parameters = parameters_of(self.network, arrays)
        own = {
            name.removeprefix(OPTIMISER_ARRAYS): array
            for name, array in arrays.items()
            if name.startswith(OPTIMISER_ARRAYS)
        }
        optimiser = own or self.optimiser.init(parameters)
        return TrainingState(int(arrays.get("iteration", np.array(0))), parameters, optimiser)

    def _encode(self, examples: Inputs, rng: np.random.Generator) -> NDArray[np.uint8]:
        values = self.problem.encoder.check(examples, "examples", self.network.inputs)
        return self.problem.encoder.encode(values, 1, self.steps, rng)[:, 0]


Kind = TypeVar("Kind", bound=NetworkTrainer)


def trainer_of(
    kind: type[Kind],
    network: NetworkSettings,
    training: TrainingSettings,
    rule: Rule,
    problem: Problem,
    seed: int,
) -> Kind:
    """A trainer of the network that some settings describe."""
    return kind(
        problem,
        network.network(problem.inputs, len(problem.classes)),
        network.steps,
        network.mode,
        rule,
        training.optimiser,
        training.batch_size,
        seed,
    )


def parameters_of(network: Network, arrays: Mapping[str, NDArray[Any]]) -> Parameters:
    """The weights and angles of a network among stored arrays.

    Raises:
        UsageError: If they are missing or do not fit.
    """
    if lacking := [name for name in ("weights", "theta") if name not in arrays]:
        raise UsageError(f"the stored state has no array {lacking[0]}")
    neurons, sources = network.delays.shape
    weights = real_array(arrays["weights"], "stored weights", (neurons, sources, network.channels))
    angles = max(len(neuron.angles) for neuron in network.neurons)
    return Parameters(weights, real_array(arrays["theta"], "stored theta", (neurons, angles)))
