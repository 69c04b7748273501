"""The model ``reservoir``: a network that stays as it is drawn, and a linear read-out of its spikes."""

from dataclasses import dataclass, field, replace
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import Says, Within, make_plain
from sqsq.data import Inputs
from sqsq.errors import UsageError
from sqsq.inference import Predictions, examples_at_once
from sqsq.learning import Features, Passes, ReadOut, reservoir_parameters, reservoir_spikes, train_read_out
from sqsq.model import Network, Parameters, fully_connected
from sqsq.models.groups import MOST_SPIKES, NetworkSettings
from sqsq.models.network_trainer import parameters_of
from sqsq.models.registry import Model
from sqsq.tables import Plan, Template
from sqsq.training import Arrays, Problem, StepMetrics

_RESERVOIR, _TRAINING = 1, 2
"""Streams of random numbers."""


@dataclass(frozen=True)
class ReadOutSettings:
    """What the read-out sees, and how it is fitted.

    Raises:
        UsageError: If a value is not allowed.
    """

    section: ClassVar[str] = "Read-out"
    m: Passes = 5
    features: Annotated[Features, Says("Spike counts of each neuron, or every spike.")] = "counts"
    inverse_penalty: Annotated[
        float, Within(positive=True), Says("How closely the read-out is fitted, C of scikit-learn.")
    ] = 1.0

    def __post_init__(self) -> None:
        make_plain(self, {"m": "M"})


@dataclass(frozen=True)
class ReservoirSettings:
    """The settings of the model ``reservoir``; all neurons of its hidden layers are read out.

    Raises:
        UsageError: If a value is not allowed.
    """

    network: NetworkSettings = field(default_factory=lambda: NetworkSettings(hidden=(100,)))
    read_out: ReadOutSettings = field(default_factory=ReadOutSettings)

    def __post_init__(self) -> None:
        make_plain(self)
        if not self.network.hidden:
            raise UsageError("hidden layers none: a reservoir has one or more")
        self.check_size(1)

    @property
    def iterations(self) -> int:
        """One: the read-out is fitted at once."""
        return 1

    def check_size(self, examples: int) -> None:
        """Raise UsageError if so many training examples would make more spikes than memory has room for."""
        of = self.network
        spikes = examples * self.read_out.m * of.steps * sum(of.hidden) * of.io_qubits
        if spikes > MOST_SPIKES:
            raise UsageError(
                f"{examples:,} training examples would make {spikes:,} spikes of the reservoir: at most "
                f"{MOST_SPIKES:,} (lower hidden, M or steps)"
            )


@dataclass(frozen=True, eq=False)
class ReservoirState:
    """What a reservoir is.

    Attributes:
        parameters: Its fixed weights and angles.
        read_out: What was fitted; None before.
    """

    parameters: Parameters
    read_out: ReadOut | None


@dataclass(frozen=True, eq=False)
class ReservoirTrainer:
    """Fits the read-out of a fixed network.

    Attributes:
        settings: The settings.
        problem: What is learned.
        network: The network.
        seed: The seed of everything.
    """

    settings: ReservoirSettings
    problem: Problem
    network: Network
    seed: int

    @property
    def template(self) -> Template:
        """See ``TrainsNetwork.template``."""
        return Template(self.settings.network.neuron, self.settings.network.steps)

    def init(self) -> ReservoirState:
        """See ``Trainer.init``."""
        images = self.problem.training_examples.images
        active = self.problem.encoder.spikes_per_step(images, self.settings.network.steps)
        rng = np.random.default_rng([self.seed, _RESERVOIR])
        return ReservoirState(reservoir_parameters(self.network, active, rng), None)

    def step(self, state: ReservoirState, iteration: int) -> Plan[tuple[ReservoirState, StepMetrics]]:
        """See ``Trainer.step``: run all training examples M times, and fit."""
        examples, settings = self.problem.training_examples, self.settings
        rng = np.random.default_rng([self.seed, _TRAINING])
        passes = settings.read_out.m
        size = examples_at_once(self.network, settings.network.steps, passes)
        seen = []
        for first in range(0, len(examples), size):
            inputs = self._encode(examples.images[first : first + size], passes, rng)
            key = ("iteration", iteration, "examples", first)
            seen.append((yield from self._spikes(state, inputs, key)))
        spikes = np.concatenate(seen)
        own = settings.read_out
        read_out = train_read_out(spikes, examples.labels, own.features, own.inverse_penalty)
        right = read_out.classify(spikes) == examples.labels[:, None]
        measures = {"error_training": float(1 - right.mean()), "features": float(read_out.weights.shape[1])}
        return replace(state, read_out=read_out), measures

    def predict(
        self,
        state: ReservoirState,
        examples: Inputs,
        rng: np.random.Generator,
        key: tuple[str | int, ...] = (),
    ) -> Plan[Predictions]:
        """See ``Trainer.predict``: the class with the largest score of the read-out."""
        if state.read_out is None:
            raise UsageError("the read-out of this reservoir is not trained yet")
        values = self.problem.encoder.check(examples, "examples", self.network.inputs)
        spikes = (yield from self._spikes(state, self._encode(values, 1, rng), key))[:, 0]
        scores = state.read_out.scores(spikes)
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return Predictions(
            scores.argmax(axis=-1),
            shares / shares.sum(axis=-1, keepdims=True),
            spikes=spikes,
            spikes_per_neuron=spikes.sum(axis=-1, dtype=np.int64).mean(axis=(0, 1)),
        )

    def parameters(self, state: ReservoirState) -> Parameters:
        """See ``TrainsNetwork.parameters``."""
        return state.parameters

    def arrays(self, state: ReservoirState) -> Arrays:
        """See ``Trainer.arrays``."""
        arrays = {"weights": state.parameters.weights, "theta": state.parameters.theta}
        if state.read_out is not None:
            arrays |= {"read_out_weights": state.read_out.weights, "read_out_bias": state.read_out.bias}
        return arrays

    def restore(self, arrays: Arrays) -> ReservoirState:
        """See ``Trainer.restore``."""
        parameters = parameters_of(self.network, arrays)
        if "read_out_weights" not in arrays or "read_out_bias" not in arrays:
            return ReservoirState(parameters, None)
        features = self.settings.read_out.features
        read_out = ReadOut(arrays["read_out_weights"], arrays["read_out_bias"], features)
        return ReservoirState(parameters, read_out)

    def _encode(self, values: Inputs, passes: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        return self.problem.encoder.encode(values, passes, self.settings.network.steps, rng)

    def _spikes(
        self, state: ReservoirState, inputs: NDArray[np.uint8], key: tuple[str | int, ...]
    ) -> Plan[NDArray[np.uint8]]:
        mode = self.settings.network.mode
        return reservoir_spikes(self.network, state.parameters, inputs, key, mode)


def make_trainer(settings: ReservoirSettings, problem: Problem, seed: int) -> ReservoirTrainer:
    """See ``Model.trainer``."""
    of = settings.network
    if problem.examples is not None:
        settings.check_size(len(problem.examples))
    network = fully_connected(problem.inputs, of.hidden, of.neuron, recurrent=of.recurrent)
    return ReservoirTrainer(settings, problem, network, seed)


RESERVOIR = Model(
    "reservoir",
    "a fixed network of SQS neurons with a linear read-out of its spikes",
    ReservoirSettings,
    make_trainer,
    backend="exact",
)
