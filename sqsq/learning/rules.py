"""Learning rules as values: what a network's gradients are estimated by."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from sqsq.estimation import Calibration
from sqsq.learning.batch import Batch, LocalGradient
from sqsq.learning.ideal_learning import ideal_rule
from sqsq.learning.local_learning import local_rule
from sqsq.learning.settings import IdealRuleSettings, LocalRuleSettings
from sqsq.model import Network, Parameters
from sqsq.tables import Plan


@runtime_checkable
class Rule(Protocol):
    """A learning rule; a user's own is any object with these two."""

    @property
    def m(self) -> int:
        """M, forward passes of each example, each with an encoding of its own."""

    def gradient(
        self,
        network: Network,
        parameters: Parameters,
        batch: Batch,
        rng: np.random.Generator,
        key: tuple[str | int, ...],
    ) -> Plan[LocalGradient]:
        """Estimate the gradient of the loss of a batch.

        Args:
            network: The network.
            parameters: Its weights and angles.
            batch: Encoded examples with targets.
            rng: The source of randomness.
            key: What tables are for; those of one iteration must differ in what is appended to it.
        """


@dataclass(frozen=True)
class LocalRule:
    """The local rule, Algorithm 1.

    Attributes:
        settings: How it estimates.
        calibrations: The readout of each kind of neuron, for mitigation that corrects it.
    """

    settings: LocalRuleSettings
    calibrations: Sequence[Calibration] = ()

    @property
    def m(self) -> int:
        """See ``Rule.m``."""
        return self.settings.m

    def gradient(
        self,
        network: Network,
        parameters: Parameters,
        batch: Batch,
        rng: np.random.Generator,
        key: tuple[str | int, ...],
    ) -> Plan[LocalGradient]:
        """See ``Rule.gradient`` and ``local_rule``."""
        return local_rule(network, parameters, batch, self.settings, rng, key, self.calibrations)


@dataclass(frozen=True)
class IdealRule:
    """The local rule with exact gradients, the paper's reference curve.

    Attributes:
        settings: What is differentiated.
    """

    settings: IdealRuleSettings

    @property
    def m(self) -> int:
        """See ``Rule.m``."""
        return self.settings.m

    def gradient(
        self,
        network: Network,
        parameters: Parameters,
        batch: Batch,
        rng: np.random.Generator,
        key: tuple[str | int, ...],
    ) -> Plan[LocalGradient]:
        """See ``Rule.gradient`` and ``ideal_rule``; nothing is drawn from ``rng``."""
        return ideal_rule(network, parameters, batch, self.settings, key)
