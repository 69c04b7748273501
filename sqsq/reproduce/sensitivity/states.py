"""Networks, parameters and mini-batches for which gradients are estimated again and again."""

from dataclasses import dataclass, replace

import numpy as np

from sqsq.engines import Engine
from sqsq.jobs import drive
from sqsq.learning import Batch, IdealRuleSettings, batch_indices, ideal_rule, training_step
from sqsq.model import Network, Parameters
from sqsq.models import NetworkTrainer
from sqsq.reproduce.sensitivity.options import SensitivityOptions
from sqsq.reproduce.sensitivity.points import StateName
from sqsq.runs import open_data, settings_from, usps_settings

_ENCODING, _ANGLES = 5, 6
"""Streams of random numbers, beside those of ``sqsq.models.network_trainer``."""


@dataclass(frozen=True, eq=False)
class NetworkState:
    """All that is held while gradients are estimated again and again.

    Attributes:
        network: Two output neurons and no hidden ones, so that no spikes but the inputs matter.
        parameters: Its parameters.
        batch: An encoded mini-batch.
    """

    network: Network
    parameters: Parameters
    batch: Batch

    def exact_gradient(self, engine: Engine) -> Parameters:
        """The exact gradient on a backend, for the marginal probabilities p(s_t)."""
        step = ideal_rule(self.network, self.parameters, self.batch, IdealRuleSettings())
        return drive(step, engine)[0].gradients


def network_state(
    options: SensitivityOptions, ansatz: str, state: StateName, engine: Engine, downloads: bool = False
) -> NetworkState:
    """Make a network with its parameters and a mini-batch.

    Args:
        options: What was chosen.
        ansatz: The ansatz of the neurons.
        state: ``trained``: by sqsq's default local rule; ``random``: first weights, uniform angles.
        engine: What trains.
        downloads: Whether to show progress while downloading data.

    Raises:
        DataError: If the data set is missing or corrupt.
    """
    values = {
        "backend": options.backend,
        "data": options.data,
        "data_dir": options.data_dir,
        "ansatz": ansatz,
        "batch_size": options.batch_size,
        "seed": options.seed,
    }
    settings = settings_from(None, usps_settings(values))
    problem = open_data(settings, downloads).problem
    trainer = settings.kind.make_trainer(settings.trainer, problem, settings.seed)
    assert isinstance(trainer, NetworkTrainer)
    training, point = trainer.training_problem, trainer.init()
    if state == "trained":
        for _ in range(options.training_iterations):
            point = drive(training_step(training, point), engine)[0][0]
        parameters = point.parameters
    else:
        rng = np.random.default_rng([options.seed, _ANGLES])
        theta = rng.uniform(-np.pi, np.pi, point.parameters.theta.shape)
        parameters = replace(point.parameters, theta=theta)
    chosen = batch_indices(training, options.training_iterations)
    rng = np.random.default_rng([options.seed, _ENCODING])
    network = training.network
    return NetworkState(network, parameters, training.examples.draw(chosen, network, 1, rng))
