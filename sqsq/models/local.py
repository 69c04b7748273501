"""The model ``local``: a network of SQS neurons trained by the local rule from shots, Algorithm 1."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqsq.checks import make_plain
from sqsq.estimation import Calibration, Mitigation
from sqsq.learning import LocalRule, LocalRuleSettings, check_drawn
from sqsq.models.groups import (
    MitigationSettings,
    NetworkSettings,
    TrainingSettings,
    check_evaluations,
    check_spikes,
)
from sqsq.models.network_trainer import NetworkTrainer, trainer_of
from sqsq.models.registry import Model
from sqsq.training import Problem


@dataclass(frozen=True)
class LocalSettings:
    """The settings of the model ``local``.

    Raises:
        UsageError: If a value is not allowed.
    """

    network: NetworkSettings = field(default_factory=NetworkSettings)
    rule: LocalRuleSettings = field(default_factory=LocalRuleSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
    mitigation: MitigationSettings = field(default_factory=MitigationSettings)

    def __post_init__(self) -> None:
        make_plain(self)
        self.mitigation.asked.split_shots(self.rule.m_p)
        if self.rule.weights == "sampled-shift":
            check_drawn(self.rule.m_syn, self.network.steps, self.network.io_qubits)
        self.check_size(0)

    @property
    def iterations(self) -> int:
        """How many iterations there are."""
        return self.training.iterations

    def check_size(self, outputs: int) -> None:
        """Raise UsageError if an iteration of a network with so many outputs would never end."""
        widest = max((*self.network.hidden, outputs, 1))
        rows = self.training.batch_size * self.rule.m * widest * (2 * self.rule.m_syn + 1)
        check_evaluations(rows, "batch-size, hidden, M or M_syn")
        spikes = rows * self.rule.m_p * self.network.steps * self.network.io_qubits
        check_spikes(spikes, "batch-size, hidden, M, M_syn, M_p or steps")


@dataclass(frozen=True, eq=False)
class LocalTrainer(NetworkTrainer):
    """A trainer by the local rule, whose estimates can be mitigated."""

    @property
    def shots(self) -> int:
        """See ``Mitigates.shots``."""
        return self._local.settings.m_p

    def with_mitigation(
        self, mitigation: Mitigation, calibrations: Sequence[Calibration] = ()
    ) -> "LocalTrainer":
        """See ``Mitigates.with_mitigation``."""
        settings = replace(self._local.settings, mitigation=mitigation)
        return replace(self, rule=LocalRule(settings, tuple(calibrations)))

    @property
    def _local(self) -> LocalRule:
        assert isinstance(self.rule, LocalRule)
        return self.rule


def make_trainer(settings: LocalSettings, problem: Problem, seed: int) -> NetworkTrainer:
    """See ``Model.trainer``."""
    settings.check_size(len(problem.classes))
    rule = LocalRule(replace(settings.rule, mode=settings.network.mode))
    return trainer_of(LocalTrainer, settings.network, settings.training, rule, problem, seed)


LOCAL = Model("local", "SQS neurons, trained by the local rule from shots", LocalSettings, make_trainer)
