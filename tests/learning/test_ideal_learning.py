"""Exact local gradients against the oracle's."""

from itertools import product

import numpy as np
import pytest

from sqsq.engines import open_engine
from sqsq.errors import UsageError
from sqsq.jobs import drive
from sqsq.learning import (
    Batch,
    EncodedExamples,
    IdealRule,
    IdealRuleSettings,
    LocalRuleSettings,
    Optimiser,
    ideal_rule,
    local_rule,
)
from sqsq.learning.training import TrainingProblem, start_training, training_step
from sqsq.model import Neuron, fully_connected, initial_parameters, network_from_edges
from tests.engines_for_tests import ProportionalEngine
from tests.learning.test_local_learning import OutputNeuron, TinyNetwork


@pytest.mark.parametrize("estimator", ["marginal", "prefix"])
def test_output_neurons(estimator):
    neuron = OutputNeuron()
    batch = Batch(neuron.inputs[None, None], neuron.target.astype(np.uint8).reshape(1, 3, 1, 1))
    step = ideal_rule(neuron.network, neuron.parameters, batch, IdealRuleSettings(estimator=estimator))
    result, usage = drive(step, open_engine("exact"))
    ours = np.concatenate([result.gradients.weights[0, :3, 0], result.gradients.theta[0]])
    assert ours == pytest.approx(neuron.gradient(estimator), abs=1e-6)
    assert usage.executions == 0


@pytest.mark.parametrize("delay", [0, 1])
def test_expected_gradient_is_that_of_equation_15(delay):
    tiny = TinyNetwork("partial-swap", delay)
    distribution = tiny.hidden(tiny.parameters)
    engine = open_engine("exact")
    total = np.zeros((2, 3))
    for hidden in product((0, 1), repeat=tiny.steps):
        batch = Batch(np.ones((1, 1, tiny.steps, 1), np.uint8), tiny.target.reshape(1, tiny.steps, 1, 1))
        step = ideal_rule(tiny.network, tiny.parameters, batch, IdealRuleSettings(estimator="prefix"))
        next(step)
        request = step.send(np.array(hidden, np.uint8).reshape(1, 1, tiny.steps, 1))
        request = step.send(engine.score(request))
        with pytest.raises(StopIteration) as stop:
            step.send(engine.score(request))
        total += distribution[hidden] * stop.value.value.gradients.theta
    assert total == pytest.approx(tiny.gradient(), abs=1e-6)


def test_shots_estimate_the_ideal_gradient():
    """A small layered network with delays and two channels: many shots come near the exact gradient."""
    network = network_from_edges(2, [Neuron(), Neuron(2, 1)], [(0, 0), (2, 1), (1, 1, 1)], [1])
    parameters = initial_parameters(network, 1.0, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    inputs = rng.integers(2, size=(1, 1, 2, 2), dtype=np.uint8)
    batch = Batch(inputs, np.ones((1, 2, 1, 2), np.uint8))
    ideal, _ = drive(ideal_rule(network, parameters, batch, IdealRuleSettings()), SameHidden())
    rule = LocalRuleSettings(m_p=100_000, m_syn=60, epsilon=0.1, shift="exact")
    shots, _ = drive(local_rule(network, parameters, batch, rule, rng), SameHidden())
    assert shots.loss_bound == pytest.approx(ideal.loss_bound, rel=0.02)
    assert shots.gradients.theta == pytest.approx(ideal.gradients.theta, abs=0.05)
    on_edges = ideal.gradients.weights != 0
    assert shots.gradients.weights[~on_edges] == pytest.approx(0)
    assert np.corrcoef(shots.gradients.weights[on_edges], ideal.gradients.weights[on_edges])[0, 1] > 0.9


class SameHidden(ProportionalEngine):
    """Always the same hidden spikes, and no shot noise elsewhere."""

    def __init__(self):
        super().__init__()
        self.exact = open_engine("exact")

    def run(self, table):
        if table.shots == 1:
            return np.tile(np.array([1, 0], np.uint8)[:, None], (table.evaluations, 1, 1, 1))
        return super().run(table)

    def score(self, request):
        return self.exact.score(request)


def test_training_with_ideal_gradients_lowers_the_loss():
    network = fully_connected(3, (2, 2))
    rng = np.random.default_rng(0)
    problem = TrainingProblem(
        network,
        EncodedExamples(np.repeat([[0.5, 0.1, 0.3], [0.1, 0.5, 0.3]], 10, axis=0), np.repeat([0, 1], 10), 3),
        20,
        IdealRule(IdealRuleSettings(m=2)),
        Optimiser(lr=0.3, lr_theta=0.1),
        0,
    )
    state = start_training(problem, initial_parameters(network, 1.0, rng))
    losses = []
    for _ in range(30):
        (state, gradient), _ = drive(training_step(problem, state), open_engine("exact:fake_lagos"))
        losses.append(gradient.loss_bound)
    assert np.mean(losses[-5:]) < 0.85 * np.mean(losses[:5])


def test_other_engines_have_no_exact_gradients():
    neuron = OutputNeuron()
    batch = Batch(neuron.inputs[None, None], neuron.target.astype(np.uint8).reshape(1, 3, 1, 1))
    step = ideal_rule(neuron.network, neuron.parameters, batch, IdealRuleSettings())
    with pytest.raises(UsageError, match="the backend aer knows no exact gradients"):
        drive(step, open_engine("aer"))
