"""The model ``ideal``: a network of SQS neurons trained by exact local gradients, the paper's reference."""

from dataclasses import dataclass, field, replace

from sqsq.checks import make_plain
from sqsq.learning import IdealRule, IdealRuleSettings
from sqsq.models.groups import NetworkSettings, TrainingSettings, check_exact_size
from sqsq.models.network_trainer import NetworkTrainer, trainer_of
from sqsq.models.registry import Model
from sqsq.training import Problem


@dataclass(frozen=True)
class IdealSettings:
    """The settings of the model ``ideal``.

    Raises:
        UsageError: If a value is not allowed.
    """

    network: NetworkSettings = field(default_factory=NetworkSettings)
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
        check_exact_size(rows, self.network.steps, self.network.io_qubits)


def make_trainer(settings: IdealSettings, problem: Problem, seed: int) -> NetworkTrainer:
    """See ``Model.trainer``."""
    settings.check_size(len(problem.classes))
    rule = IdealRule(replace(settings.rule, mode=settings.network.mode))
    return trainer_of(NetworkTrainer, settings.network, settings.training, rule, problem, seed)


IDEAL = Model(
    "ideal",
    "SQS neurons, trained by exact local gradients",
    IdealSettings,
    make_trainer,
    backend="exact",
    exact=True,
)
