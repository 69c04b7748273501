"""Learning from sequences: what counts, what is drawn, and how answers are judged."""

import numpy as np
import pytest

from sqsq.data import DelayedTask, Sequences, draw_sequences
from sqsq.engines import open_engine
from sqsq.inference import answer, classify
from sqsq.jobs import drive
from sqsq.learning import (
    Batch,
    FixedSequences,
    IdealRule,
    IdealRuleSettings,
    LocalRuleSettings,
    Optimiser,
    TrainingProblem,
    ideal_rule,
    local_rule,
    start_training,
    training_step,
)
from sqsq.model import Neuron, Parameters, fully_connected, initial_parameters
from tests.engines_for_tests import ProportionalEngine, SamplingEngine


def shift_register():
    """One neuron that emits the previous input: theta_ent = pi/2."""
    return fully_connected(1, (1,)), Parameters(np.array([[[1.0], [0.0]]]), np.array([[np.pi / 2, 0.0, 0.0]]))


def test_every_pass_and_channel_gets_the_same_sequence():
    sequences = draw_sequences(DelayedTask("recall", 1, 4), 6, np.random.default_rng(0))
    network = fully_connected(1, (1,), Neuron(2, 1))
    batch = FixedSequences(sequences).draw(np.array([4, 2]), network, 3, np.random.default_rng(0))
    assert batch.inputs.shape == (2, 3, 4, 1)
    assert batch.targets.shape == (2, 4, 1, 2)
    for m in range(3):
        assert np.array_equal(batch.inputs[:, m], sequences.inputs[[4, 2]])
    for n in range(2):
        assert np.array_equal(batch.targets[..., n], sequences.targets[[4, 2]])
    assert batch.step_weights.tolist() == [0, 1, 1, 1]


@pytest.mark.parametrize("rule", ["ideal", "shots"])
def test_steps_that_do_not_count_teach_nothing(rule):
    """Changing their targets changes neither loss nor gradients; counting all of them does."""
    network = fully_connected(1, (2, 1))
    parameters = initial_parameters(network, 0.5, np.random.default_rng(0))
    inputs = np.ones((1, 2, 2, 1), np.uint8)
    results = []
    for first, counted in ((0, [False, True]), (1, [False, True]), (0, None)):
        targets = np.array([first, 1], np.uint8).reshape(1, 2, 1, 1)
        batch = Batch(inputs, targets, None if counted is None else np.array(counted))
        settings = LocalRuleSettings(m=2, m_syn=1, m_p=500)
        if rule == "ideal":
            step = ideal_rule(network, parameters, batch, settings)
            results.append(drive(step, open_engine("exact"))[0])
        else:
            step = local_rule(network, parameters, batch, settings, np.random.default_rng(1))
            results.append(drive(step, ProportionalEngine())[0])
    same, other, everything = results
    assert same.loss_bound == other.loss_bound
    assert np.array_equal(same.gradients.weights, other.gradients.weights)
    assert np.array_equal(same.gradients.theta, other.gradients.theta)
    assert everything.loss_bound > same.loss_bound
    assert not np.array_equal(everything.gradients.weights, same.gradients.weights)


def test_answers_are_judged_where_they_count():
    network, parameters = shift_register()
    sequences = draw_sequences(DelayedTask("recall", 1, 5), 20, np.random.default_rng(0))
    right, usage = drive(answer(network, parameters, sequences), SamplingEngine(0))
    assert right == 1.0
    assert usage.executions == 20
    spoiled = sequences.targets.copy()
    spoiled[:, 0] = 1  # does not count
    spoiled[:5, 1] ^= 1  # counts
    wrong = Sequences(sequences.inputs, spoiled, sequences.counted)
    assert drive(answer(network, parameters, wrong), SamplingEngine(0))[0] == 1 - 5 / (20 * 4)


def test_sequences_are_classified_by_spike_counts():
    network = fully_connected(2, (2,))
    weights = np.zeros((2, 4, 1))
    weights[0, 0] = weights[1, 1] = 1.0
    inputs = np.array([[[1, 0], [1, 0], [0, 1]], [[0, 1], [0, 1], [0, 0]]], np.uint8)
    step = classify(
        network, Parameters(weights, np.zeros((2, 3))), inputs, np.array([0, 0]), np.random.default_rng(0)
    )
    assert drive(step, SamplingEngine(0))[0].accuracy == 0.5


def test_a_neuron_learns_to_recall():
    """From theta_ent = 0.4, where it hardly remembers."""
    network, _ = shift_register()
    task = DelayedTask("recall", 1, 4)
    examples = FixedSequences(draw_sequences(task, 100, np.random.default_rng(0)))
    rule = IdealRule(IdealRuleSettings(estimator="prefix"))
    problem = TrainingProblem(network, examples, 50, rule, Optimiser("adam", 0.1, 0.1), 0)
    start = Parameters(np.array([[[0.6], [0.0]]]), np.array([[0.4, 0.1, -0.1]]))
    state, engine = start_training(problem, start), open_engine("exact")
    for _ in range(60):
        (state, _), _ = drive(training_step(problem, state), engine)
    fresh = draw_sequences(task, 300, np.random.default_rng(1))
    assert drive(answer(network, start, fresh), engine)[0] < 0.7
    assert drive(answer(network, state.parameters, fresh), engine)[0] > 0.97
