"""Gradients and evaluations in blocks: memory has a bound, and what comes out is the same."""

import numpy as np
import pytest

from sqsq.data import RateCode, Split
from sqsq.engines import open_engine
from sqsq.jobs import drive
from sqsq.learning import Batch, IdealRuleSettings, LocalRuleSettings, ideal_rule, local_rule
from sqsq.model import Parameters, fully_connected
from sqsq.runs import settings_with
from sqsq.tables import EvaluationTable, Template
from sqsq.training import Problem, evaluate_trainer, predict_in_blocks
from tests.engines_for_tests import ProportionalEngine

RNG = np.random.default_rng(6)
NETWORK = fully_connected(2, (3, 2))
PARAMETERS = Parameters(
    np.where(NETWORK.delays[..., None] >= 0, RNG.uniform(0.1, 0.4, (5, 7, 1)), 0.0),
    RNG.uniform(-1, 1, (5, 3)),
)
BATCH = Batch(RNG.integers(2, size=(2, 2, 2, 2)).astype(np.uint8), np.ones((2, 2, 2, 1), np.uint8))


class SameHiddenSpikes(ProportionalEngine):
    """Draws the same spikes for hidden neurons, however they are asked for."""

    def run(self, table):
        if table.role == "forward":
            return np.ones(table.spikes_shape, np.uint8)
        return super().run(table)


def test_blocks_of_neurons_give_the_same_gradient(monkeypatch):
    rule = LocalRuleSettings(m=2, weights="current-shift", shift="exact", m_p=2_000)
    found = []
    for numbers in (2**23, 1):
        monkeypatch.setattr("sqsq.inference.forward_passes._BLOCK_NUMBERS", numbers)
        engine = SameHiddenSpikes()
        step = local_rule(NETWORK, PARAMETERS, BATCH, rule, np.random.default_rng(0))
        found.append(drive(step, engine)[0])
        estimating = [table for table in engine.tables if table.role == "estimate"]
        assert len(estimating) == (1 if numbers > 1 else 5)
    assert found[0].gradients.weights == pytest.approx(found[1].gradients.weights)
    assert found[0].gradients.theta == pytest.approx(found[1].gradients.theta)
    assert found[0].loss_bound == pytest.approx(found[1].loss_bound)


def test_blocks_of_exact_gradients(monkeypatch):
    found = []
    for numbers in (2**23, 1):
        monkeypatch.setattr("sqsq.inference.forward_passes._BLOCK_NUMBERS", numbers)
        step = ideal_rule(NETWORK, PARAMETERS, BATCH, IdealRuleSettings(m=2))
        found.append(drive(step, open_engine("exact"))[0].gradients)
    assert found[0].weights == pytest.approx(found[1].weights)
    assert found[0].theta == pytest.approx(found[1].theta)


def trainer_of(examples):
    problem = Problem(4, ("a", "b"), RateCode(), examples)
    settings = settings_with("local", {"steps": 3, "batch_size": 2})
    return settings.kind.make_trainer(settings.trainer, problem, 0)


def test_examples_are_evaluated_block_by_block(monkeypatch):
    examples = Split(RNG.random((7, 4)), RNG.integers(2, size=7))
    trainer = trainer_of(examples)
    engine, rng = open_engine("exact"), np.random.default_rng(0)
    monkeypatch.setattr("sqsq.training.evaluating.examples_at_once", lambda network, steps: 3)
    evaluation, used = drive(evaluate_trainer(trainer, trainer.init(), examples, 2, rng, ("test",)), engine)
    assert used.tables == 3
    assert used.evaluations == 7 * 2
    assert evaluation.images == evaluation.confusion.sum() == 7
    state = trainer.init()

    def predict(block, key):
        return trainer.predict(state, block, np.random.default_rng(len(key)), key)

    whole = drive(predict_in_blocks(trainer, predict, examples.images, ("test",), at_once=7), engine)[0]
    parts = drive(predict_in_blocks(trainer, predict, examples.images, ("test",), at_once=2), engine)[0]
    assert parts.spikes.shape == whole.spikes.shape == (7, 3, 2, 1)
    assert (parts.counts == parts.spikes.sum(axis=(1, 3))).all()
    assert parts.spikes_per_neuron == pytest.approx(parts.spikes.mean(axis=(0, 1))[:, 0])


def test_a_table_keeps_its_leading_axes():
    template = Template(NETWORK.neurons[0], 2)
    phi, theta = np.zeros((2, 3, 4, 2, 1)), np.ones((2, 3, 4, 2, 3))
    table = EvaluationTable(template, phi, theta, 5)
    flat = EvaluationTable(template, phi.reshape(24, 2, 1), theta.reshape(24, 2, 3), 5)
    assert (table.leading, table.evaluations, table.digest) == ((2, 3, 4), 24, flat.digest)
    assert flat.leading == (24,)
    assert table.unfold(open_engine("exact").run(table)).shape == (2, 3, 4, 5, 2, 1)
