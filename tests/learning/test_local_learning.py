"""The whole rule against exact gradients, by enumeration and by statistics."""

from itertools import product

import numpy as np
import pytest

from sqsq.engines.exact import angles_without_effect
from sqsq.jobs import drive
from sqsq.learning import Batch, LocalRuleSettings, local_rule
from sqsq.model import Neuron, Parameters, fully_connected, initial_parameters, network_from_edges
from sqsq.tables import IdleAnglesRequest
from tests import oracle
from tests.engines_for_tests import ProportionalEngine, SamplingEngine
from tests.statistics import assert_mean_is

H = 1e-5


def spike_train(neuron_inputs, weights):
    """Current angles of one neuron from its inputs, shape (T, inputs)."""
    return np.pi * np.maximum(neuron_inputs @ weights, 0)


class TinyNetwork:
    """One input line, one hidden and one output neuron; eq. (15) by enumeration of the hidden spikes."""

    def __init__(self, ansatz, delay, steps=2, seed=0):
        rng = np.random.default_rng(seed)
        self.ansatz, self.delay, self.steps = ansatz, delay, steps
        self.network = network_from_edges(1, [Neuron(ansatz=ansatz)] * 2, [(0, 0), (1, 1, delay)], [1])
        weights = np.zeros((2, 3, 1))
        weights[0, 0, 0], weights[1, 1, 0] = 0.45, 0.4
        self.parameters = Parameters(weights, rng.uniform(0.3, 1.0, (2, 3)))
        self.inputs = np.ones((steps, 1))
        self.target = np.array([1, 1, 0, 1][:steps])

    def hidden(self, parameters):
        """The joint distribution of the hidden spikes."""
        phi = spike_train(self.inputs, parameters.weights[0, :1, 0])
        return oracle.joint(self.ansatz, 1, 1, phi[:, None], parameters.theta[0])

    def losses(self, parameters, hidden):
        """-log p(o_t | o^{t-1}, h^t), shape (T,)."""
        arriving = np.array(hidden, float)
        if self.delay:
            arriving = np.append(0.0, arriving[:-1])
        phi = spike_train(arriving[:, None], parameters.weights[1, 1, 0:1])
        distribution = oracle.joint(self.ansatz, 1, 1, phi[:, None], parameters.theta[1])
        return -np.log(oracle.conditional(distribution, self.target))

    def bound(self, parameters):
        """L of eq. (15)."""
        distribution = self.hidden(parameters)
        return sum(
            distribution[h] * self.losses(parameters, h).sum() for h in product((0, 1), repeat=self.steps)
        )

    def gradient(self):
        """dL / d theta by central differences, divided by T as the rule's; shape (2, 3)."""
        result = np.empty((2, 3))
        for index in np.ndindex(2, 3):
            values = []
            for sign in (1, -1):
                theta = self.parameters.theta.copy()
                theta[index] += sign * H
                values.append(self.bound(Parameters(self.parameters.weights, theta)))
            result[index] = (values[0] - values[1]) / (2 * H) / self.steps
        return result

    def rule(self, hidden, **settings):
        """The rule's gradient of theta for given hidden spikes of each pass, without shot noise."""
        batch = Batch(
            np.ones((1, len(hidden), self.steps, 1), np.uint8), self.target.reshape(1, self.steps, 1, 1)
        )
        rule = LocalRuleSettings(
            m=len(hidden), m_syn=1, m_p=50_000, estimator="prefix", shift="exact", **settings
        )
        step = local_rule(self.network, self.parameters, batch, rule, np.random.default_rng(0))
        table = next(step)
        assert table.shots == 1
        request = step.send(np.array(hidden, np.uint8).reshape(len(hidden), 1, self.steps, 1))
        assert isinstance(request, IdleAnglesRequest)
        table = step.send(angles_without_effect(request.neuron))
        with pytest.raises(StopIteration) as stop:
            step.send(ProportionalEngine().run(table))
        return stop.value.value

    def expectation(self, passes=1, **settings):
        """The expected gradient of the rule over all hidden spikes."""
        distribution = self.hidden(self.parameters)
        trains = list(product((0, 1), repeat=self.steps))
        total = np.zeros((2, 3))
        for hidden in product(trains, repeat=passes):
            weight = np.prod([distribution[h] for h in hidden])
            total += weight * self.rule(hidden, **settings).gradients.theta
        return total


@pytest.mark.parametrize("delay", [0, 1])
@pytest.mark.parametrize("ansatz", ["partial-swap", "memory-controlled"])
def test_feedback_to_go_gives_the_gradient_of_equation_15(ansatz, delay):
    tiny = TinyNetwork(ansatz, delay)
    exact = tiny.gradient()
    assert np.abs(exact[0]).max() > 0.01
    assert tiny.expectation(feedback="to-go") == pytest.approx(exact, abs=5e-4)


def test_feedback_of_the_paper_does_not():
    same_step = TinyNetwork("partial-swap", delay=0)
    assert np.abs(same_step.expectation(feedback="paper")[0] - same_step.gradient()[0]).max() > 0.005
    # with a delay, the loss of step t does not depend on the spike of step t at all
    late = TinyNetwork("partial-swap", delay=1)
    assert np.abs(late.expectation(feedback="paper")[0]).max() < 5e-4
    assert np.abs(late.gradient()[0]).max() > 0.01


@pytest.mark.matrix(keep=1)
@pytest.mark.parametrize("baseline", ["passes", "batch"])
def test_baselines_keep_it_unbiased(baseline):
    tiny = TinyNetwork("memory-controlled", delay=0)
    expected = tiny.expectation(passes=2, feedback="to-go", baseline=baseline)
    assert expected == pytest.approx(tiny.gradient(), abs=5e-4)


def test_loss_is_the_bound():
    tiny = TinyNetwork("partial-swap", delay=0)
    distribution = tiny.hidden(tiny.parameters)
    expected = sum(distribution[h] * tiny.rule([h]).loss_bound for h in product((0, 1), repeat=tiny.steps))
    assert expected == pytest.approx(tiny.bound(tiny.parameters), abs=1e-3)


class OutputNeuron:
    """One output neuron with three input lines over three steps, and its exact gradient, eq. (20)."""

    def __init__(self, ansatz="partial-swap"):
        rng = np.random.default_rng(4)
        self.ansatz = ansatz
        self.network = fully_connected(3, (1,), Neuron(ansatz=ansatz))
        start = initial_parameters(self.network, 1.5, rng)
        self.parameters = Parameters(start.weights, rng.uniform(-0.8, 0.8, (1, 3)))
        self.inputs = rng.integers(2, size=(3, 3)).astype(np.uint8)
        self.target = np.array([1, 0, 1])

    def loss(self, weights, theta, estimator):
        phi = spike_train(self.inputs.astype(float), weights)
        distribution = oracle.joint(self.ansatz, 1, 1, phi[:, None], theta)
        if estimator == "prefix":
            return -np.log(oracle.conditional(distribution, self.target)).mean()
        p = np.array([distribution.take(s, axis=t).sum() for t, s in enumerate(self.target)])
        return -np.log(p).mean()

    def gradient(self, estimator):
        at = np.concatenate([self.parameters.weights[0, :3, 0], self.parameters.theta[0]])
        result = np.empty(6)
        for k in range(6):
            values = []
            for sign in (1, -1):
                moved = at.copy()
                moved[k] += sign * H
                values.append(self.loss(moved[:3], moved[3:], estimator))
            result[k] = (values[0] - values[1]) / (2 * H)
        return result

    def rule(self, engine, seed, copies=1, **settings):
        batch = Batch(
            np.broadcast_to(self.inputs, (copies, 1, 3, 3)),
            np.broadcast_to(self.target.astype(np.uint8)[:, None, None], (copies, 3, 1, 1)),
        )
        rule = LocalRuleSettings(**settings)
        step = local_rule(self.network, self.parameters, batch, rule, np.random.default_rng(seed))
        (result, _) = drive(step, engine)
        return np.concatenate([result.gradients.weights[0, :3, 0], result.gradients.theta[0]])


@pytest.mark.matrix(keep=2)
@pytest.mark.parametrize("estimator", ["marginal", "prefix"])
@pytest.mark.parametrize("shift", ["exact", "sampled", "spsa"])
def test_gradients_of_an_output_neuron_are_unbiased(estimator, shift):
    """SPSA and the shift rules against the exact gradient, with probabilities exact to 2e-5.

    60 seeds; six components within 5.5 standard errors: a false alarm below 3e-7 for each test. SPSA's
    own bias is of the order of epsilon squared, 1e-4.
    """
    neuron = OutputNeuron()
    draws = [
        neuron.rule(
            ProportionalEngine(), seed, m_syn=2, m_p=50_000, epsilon=0.01, estimator=estimator, shift=shift
        )
        for seed in range(60)
    ]
    exact = neuron.gradient(estimator)
    if shift == "exact":
        assert np.mean(draws, axis=0)[3:] == pytest.approx(exact[3:], abs=1e-3)
        draws = np.array(draws)[:, :3]
        exact = exact[:3]
    assert_mean_is(draws, exact)


def test_papers_shift_is_biased():
    neuron = OutputNeuron()
    found = neuron.rule(ProportionalEngine(), 0, m_syn=1, m_p=50_000, shift="paper")
    assert np.abs(found[3:] - neuron.gradient("marginal")[3:]).max() > 0.05


def test_gradient_from_shots_is_near_the_exact_one():
    """Shot noise and smoothing included: 400 shots, 300 copies of the example; smoothing biases by 1/800."""
    neuron = OutputNeuron()
    draws = [
        neuron.rule(SamplingEngine(seed), seed, copies=5, m_syn=2, m_p=400, epsilon=0.1) for seed in range(60)
    ]
    exact = neuron.gradient("marginal")
    error = np.std(draws, axis=0) / np.sqrt(60)
    assert np.all(np.abs(np.mean(draws, axis=0) - exact) < 5.5 * error + 0.02)


def test_spsa_costs_nothing_and_evaluations_are_counted():
    neuron = OutputNeuron()
    for shift, rows in (("spsa", 11), ("sampled", 17), ("paper", 17), ("exact", 11 + 3 * 8)):
        engine = ProportionalEngine()
        neuron.rule(engine, 0, m_syn=5, m_p=1, shift=shift)
        assert [table.evaluations for table in engine.tables] == [rows]


def test_no_shots_for_angles_without_effect():
    neuron = OutputNeuron("io-controlled")
    for shift, rows in (("sampled", 15), ("exact", 11 + 3 * 6), ("spsa", 11)):
        engine = ProportionalEngine()
        gradient = neuron.rule(engine, 0, m_syn=5, m_p=10, shift=shift)
        assert [table.evaluations for table in engine.tables] == [rows]
        assert gradient[-1] == 0
        assert np.count_nonzero(gradient) >= 4


def test_estimates_without_survivors_are_counted():
    neuron = OutputNeuron()
    batch = Batch(neuron.inputs[None, None], neuron.target.astype(np.uint8).reshape(1, 3, 1, 1))
    rule = LocalRuleSettings(m_p=1, estimator="prefix")
    step = local_rule(neuron.network, neuron.parameters, batch, rule, np.random.default_rng(0))
    result, _ = drive(step, SamplingEngine(0))
    assert 0 < result.without_estimate < 1
    assert np.isfinite(result.gradients.weights).all()


def test_gradients_stay_on_the_edges():
    network = network_from_edges(2, [Neuron(), Neuron(2, 1)], [(0, 0), (2, 1), (1, 1, 1)], [1])
    parameters = initial_parameters(network, 1.0, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    batch = Batch(rng.integers(2, size=(2, 2, 2, 2), dtype=np.uint8), np.ones((2, 2, 1, 2), np.uint8))
    rule = LocalRuleSettings(m=2, m_p=40, baseline="none")
    step = local_rule(network, parameters, batch, rule, rng)
    result, usage = drive(step, SamplingEngine(0))
    assert usage.tables == 3
    weights = result.gradients.weights
    assert np.count_nonzero(weights[0, 0, 0]) == 1
    assert np.count_nonzero(weights[1, [1, 2]]) == 4
    assert np.count_nonzero(weights) == 5
    assert np.count_nonzero(result.gradients.theta[0, 3:]) == 0
