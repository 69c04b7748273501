"""The LIF neuron against its own definition, written out history by history."""

from itertools import product

import numpy as np
import pytest

from sqsq.circuits import neuron_circuit
from sqsq.engines import open_engine
from sqsq.engines.lif import LifEngine
from sqsq.errors import BackendError, UsageError
from sqsq.jobs import drive
from sqsq.learning import Batch, LocalRuleSettings, ideal_rule, local_rule
from sqsq.model import LIF, Parameters, fully_connected
from sqsq.tables import EvaluationTable, ScoreRequest, Template
from tests.statistics import assert_drawn_from

STEPS = 4


def random_table(rows, seed, shots=1, steps=STEPS):
    rng = np.random.default_rng(seed)
    template = Template(LIF, steps)
    phi = rng.uniform(-1, 4, (rows, *template.phi_shape))
    return EvaluationTable(template, phi, rng.normal(size=(rows, *template.theta_shape)), shots)


def history_probability(phi, theta, spikes):
    """The product of sigmoids along one history."""
    membrane = previous = 0.0
    probability = []
    for angle, (a, b, c), spike in zip(phi[:, 0], theta, spikes, strict=True):
        leak, threshold, reset = 1 / (1 + np.exp(-a)), np.pi / 2 + b, 1 / (1 + np.exp(-c))
        membrane = leak * (1 - reset * previous) * membrane + angle
        chance = 1 / (1 + np.exp(-2 * (membrane - threshold)))
        probability.append(chance if spike else 1 - chance)
        previous = spike
    return np.array(probability)


def test_joint_probabilities():
    table = random_table(3, seed=0)
    distribution = LifEngine().joint(table)
    assert distribution.reshape(3, -1).sum(axis=1) == pytest.approx(1)
    for row in range(3):
        for spikes in product((0, 1), repeat=STEPS):
            expected = history_probability(table.phi[row], table.theta[row], spikes).prod()
            assert distribution[row][spikes] == pytest.approx(expected)


def test_spikes_are_drawn_from_it():
    table = random_table(2, seed=1, shots=20_000)
    spikes = LifEngine(seed=3).run(table)
    for row, distribution in enumerate(LifEngine().joint(table)):
        assert_drawn_from(spikes[row, :, :, 0], distribution)
    assert np.array_equal(spikes, LifEngine(seed=3).run(table))
    assert not np.array_equal(spikes, LifEngine(seed=4).run(table))


@pytest.mark.parametrize("given_past", [False, True])
def test_scores(given_past):
    """Probabilities are those of the definition, derivatives those of finite differences."""
    table = random_table(3, seed=2)
    rng = np.random.default_rng(3)
    held = rng.integers(2, size=(3, STEPS, 1), dtype=np.uint8)
    factor = rng.normal(size=(3, STEPS))
    engine = LifEngine()

    def score(phi, theta):
        return engine.score(
            ScoreRequest(EvaluationTable(table.template, phi, theta, 1), held, factor, given_past)
        )

    found = score(table.phi, table.theta)
    distribution = engine.joint(table)
    for row in range(3):
        if given_past:
            expected = history_probability(table.phi[row], table.theta[row], held[row, :, 0])
        else:
            expected = [distribution[row].take(held[row, t, 0], axis=t).sum() for t in range(STEPS)]
        assert np.exp(found.log_probability[row]) == pytest.approx(np.array(expected))
    step = 1e-5
    for name, ours in (("phi", found.by_phi), ("theta", found.by_theta)):
        for index in np.ndindex(ours.shape[1:]):
            values = []
            for sign in (1, -1):
                moved = {"phi": table.phi.copy(), "theta": table.theta.copy()}
                moved[name][(slice(None), *index)] += sign * step
                values.append((factor * score(**moved).log_probability).sum(axis=1))
            slope = (values[0] - values[1]) / (2 * step)
            assert ours[(slice(None), *index)] == pytest.approx(slope, abs=1e-7)


def test_marginal_scores_of_many_rows_come_in_chunks():
    table = random_table(40, seed=4, steps=16)
    held = np.ones((40, 16, 1), np.uint8)
    everything = LifEngine().score(ScoreRequest(table, held, np.ones((40, 16)), False))
    last = EvaluationTable(table.template, table.phi[39:], table.theta[39:], 1)
    alone = LifEngine().score(ScoreRequest(last, held[39:], np.ones((1, 16)), False))
    assert everything.by_theta[39] == pytest.approx(alone.by_theta[0])
    too_long = random_table(1, seed=4, steps=17)
    with pytest.raises(UsageError, match=r"17 steps have 2\^17 histories: at most 2\^16"):
        LifEngine().score(ScoreRequest(too_long, np.ones((1, 17, 1)), np.ones((1, 17)), False))


def test_negative_currents_inhibit_and_have_gradients():
    """The rule does not cut the currents of a LIF neuron off at 0, as it does those of an SQS neuron."""
    network = fully_connected(1, (1,), LIF)
    parameters = Parameters(np.array([[[-0.5], [0.0]]]), np.zeros((1, 3)))
    batch = Batch(np.ones((1, 1, 2, 1), np.uint8), np.ones((1, 2, 1, 1), np.uint8))
    settings = LocalRuleSettings(estimator="prefix")
    result, _ = drive(ideal_rule(network, parameters, batch, settings), LifEngine())
    assert result.loss_bound > -2 * np.log(0.01)

    def loss(weight):
        moved = Parameters(np.array([[[weight], [0.0]]]), np.zeros((1, 3)))
        return drive(ideal_rule(network, moved, batch, settings), LifEngine())[0].loss_bound

    slope = (loss(-0.5 + 1e-5) - loss(-0.5 - 1e-5)) / 2e-5 / 2
    assert result.gradients.weights[0, 0, 0] == pytest.approx(slope)
    assert slope < -1


def test_the_rule_with_shots_trains_it_too():
    network = fully_connected(1, (1,), LIF)
    parameters = Parameters(np.array([[[0.3], [0.0]]]), np.zeros((1, 3)))
    batch = Batch(np.ones((1, 1, 2, 1), np.uint8), np.ones((1, 2, 1, 1), np.uint8))
    settings = LocalRuleSettings(m_syn=20, m_p=20_000, epsilon=0.02)
    ideal, _ = drive(ideal_rule(network, parameters, batch, settings), LifEngine())
    shots, _ = drive(local_rule(network, parameters, batch, settings, np.random.default_rng(0)), LifEngine())
    assert shots.loss_bound == pytest.approx(ideal.loss_bound, rel=0.02)
    assert np.sign(shots.gradients.weights[0, 0]) == np.sign(ideal.gradients.weights[0, 0])
    shifting = local_rule(
        network, parameters, batch, LocalRuleSettings(shift="exact"), np.random.default_rng(0)
    )
    with pytest.raises(UsageError, match="does not oscillate has no shift rule"):
        drive(shifting, LifEngine())


def test_it_runs_on_its_own_engine_only():
    with pytest.raises(BackendError, match="a lif neuron is classical and has no circuit"):
        neuron_circuit(Template(LIF, 2))
    with pytest.raises(BackendError, match="has no circuit"):
        open_engine("exact").run(random_table(1, seed=0))
    with pytest.raises(BackendError, match="the engine lif runs lif neurons, not partial-swap"):
        LifEngine().prepare(Template(fully_connected(1, (1,)).neurons[0], 2))


def test_scores_are_finite_where_a_probability_rounds_to_0():
    """Far below the threshold a spike has probability 0: its log is bounded, and nothing is not a number."""
    template = Template(LIF, 3)
    far = EvaluationTable(template, np.full((1, 3, 1), -1e4), np.zeros((1, 3, 3)), 1)
    for given_past in (False, True):
        request = ScoreRequest(far, np.ones((1, 3, 1)), np.ones((1, 3)), given_past)
        found = LifEngine().score(request)
        assert np.isfinite(found.log_probability).all()
        assert (found.log_probability < -600).all()
        assert np.isfinite(found.by_phi).all()
        assert np.isfinite(found.by_theta).all()


def test_identity():
    assert LifEngine(seed=3).identity == "lif seed 3"
