"""The model ``lif``: a network of stochastic LIF neurons, trained by exact local gradients."""

from dataclasses import dataclass, field
from typing import ClassVar

from sqsq.checks import make_plain
from sqsq.learning import IdealRule, IdealRuleSettings
from sqsq.model import LIF, Neuron, fully_connected
from sqsq.models.groups import Steps, TrainingSettings, Widths, check_exact_size, check_widths
from sqsq.models.network_trainer import NetworkTrainer
from sqsq.models.registry import Model
from sqsq.training import Problem


@dataclass(frozen=True)
class LifNetworkSettings:
    """A network of LIF neurons, layer upon layer.

    Raises:
        UsageError: If a value is not allowed.
    """

    section: ClassVar[str] = "Network"
    steps: Steps = 10
    hidden: Widths = ()

    def __post_init__(self) -> None:
        make_plain(self)
        check_widths(self.hidden)

    @property
    def neuron(self) -> Neuron:
        """What every neuron is like."""
        return LIF


@dataclass(frozen=True)
class LifSettings:
    """The settings of the model ``lif``.

    Raises:
        UsageError: If a value is not allowed.
    """

    network: LifNetworkSettings = field(default_factory=LifNetworkSettings)
    rule: IdealRuleSettings = field(default_factory=IdealRuleSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)

    def __post_init__(self) -> None:
        make_plain(self)
        self.check_size(0)

    @property
    def iterations(self) -> int:
        """How many iterations there are."""
        return self.training.iterations

    def check_size(self, outputs: int) -> None:
        """Raise UsageError if an iteration of a network with so many outputs would never end."""
        widest = max((*self.network.hidden, outputs, 1))
        rows = self.training.batch_size * self.rule.m * widest
        check_exact_size(rows, self.network.steps)


def make_trainer(settings: LifSettings, problem: Problem, seed: int) -> NetworkTrainer:
    """See ``Model.trainer``."""
    widths = (*settings.network.hidden, len(problem.classes))
    check_widths(widths)
    settings.check_size(len(problem.classes))
    return NetworkTrainer(
        problem,
        fully_connected(problem.inputs, widths, LIF),
        settings.network.steps,
        "layered",
        IdealRule(settings.rule),
        settings.training.optimiser,
        settings.training.batch_size,
        seed,
    )


LIF_MODEL = Model(
    "lif",
    "stochastic LIF neurons (classical), trained by exact local gradients",
    LifSettings,
    make_trainer,
    backend="lif",
    exact=True,
)
