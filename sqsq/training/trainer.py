"""What a model offers to a run, and what only some models can do."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from sqsq.data import Inputs
from sqsq.estimation import Calibration, Mitigation
from sqsq.inference import Predictions
from sqsq.model import Network, Parameters
from sqsq.tables import Plan, Template

State = TypeVar("State")
Arrays = dict[str, NDArray[Any]]
StepMetrics = Mapping[str, float]

OPTIMISER_ARRAYS = "optimiser/"
"""How the names of arrays begin that only further training needs."""
"""What a step measured, by name; the first is the loss that curves show."""


@runtime_checkable
class Trainer(Protocol[State]):
    """Learns a problem step by step, and answers; all state is in the open.

    A trainer is made for its settings, a ``Problem`` and a seed, and never changes. Steps and predictions are
    plans: what needs an engine is asked for, and what needs none (a classical model) yields nothing.
    """

    def init(self) -> State:
        """Where training starts."""

    def step(self, state: State, iteration: int) -> Plan[tuple[State, StepMetrics]]:
        """Learn for one iteration.

        Args:
            state: Where training stands.
            iteration: Iterations done; with the seed it is all that random numbers derive from.
        """

    def predict(
        self, state: State, examples: Inputs, rng: np.random.Generator, key: tuple[str | int, ...] = ()
    ) -> Plan[Predictions]:
        """Say what examples are taken for, each encoded and run once.

        Args:
            state: What has been learned.
            examples: What the problem's encoder takes.
            rng: Encodes them and breaks ties.
            key: What tables are for.
        """

    def arrays(self, state: State) -> Arrays:
        """A state as arrays, for checkpoints and model files.

        Those whose names begin with ``optimiser/`` are needed to go on training, and for nothing else.
        """

    def restore(self, arrays: Arrays) -> State:
        """The state of these arrays; without ``optimiser/`` ones it will do for predictions.

        Raises:
            UsageError: If they are not those of this model.
        """


@runtime_checkable
class TrainsNetwork(Protocol):
    """A trainer of a spiking network."""

    @property
    def network(self) -> Network:
        """The network."""

    @property
    def template(self) -> Template:
        """The circuit that most of its tables run: engines prepare it before anything else."""

    def parameters(self, state: Any) -> Parameters:
        """Weights and angles of the neurons."""


@runtime_checkable
class TakesParts(Protocol):
    """A trainer whose rule and optimiser can be others."""

    def with_parts(self, rule: Any = None, optimiser: Any = None) -> Any:
        """The same trainer with these in place of its own."""


@runtime_checkable
class PredictsByProbability(Protocol):
    """A trainer that also answers by estimated probabilities, which mitigation can act on."""

    def predict_by_probability(
        self,
        state: Any,
        examples: Inputs,
        rng: np.random.Generator,
        shots: int,
        mitigation: Mitigation | None = None,
        calibrations: Sequence[Calibration] = (),
        key: tuple[str | int, ...] = (),
    ) -> Plan[Predictions]:
        """See ``sqsq.inference.predict_by_probability``."""


@runtime_checkable
class Mitigates(Protocol):
    """A trainer whose estimates can be mitigated."""

    @property
    def shots(self) -> int:
        """M_p, the shots of an estimate."""

    def with_mitigation(self, mitigation: Mitigation, calibrations: Sequence[Calibration] = ()) -> Any:
        """The same trainer, mitigating."""
