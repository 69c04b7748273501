"""The rules for the weights' gradients that do not perturb all weights at once, against exact gradients."""

from itertools import permutations, product

import numpy as np
import pytest

from sqsq.engines import open_engine
from sqsq.errors import UsageError
from sqsq.jobs import drive
from sqsq.learning import Batch, IdealRuleSettings, LocalRuleSettings, ideal_rule, local_rule
from sqsq.model import NEXT_STEP, SAME_STEP, Neuron, Parameters, fully_connected, network_from_edges
from tests.engines_for_tests import ProportionalEngine, SamplingEngine
from tests.learning.test_local_learning import H, OutputNeuron, TinyNetwork
from tests.statistics import assert_mean_is

ANSATZE = ["partial-swap", "memory-controlled", "io-controlled"]
ESTIMATORS = ["marginal", "prefix"]


def gradients_of(output, rng=None, m_p=200_000, engine=None, **settings):
    """What the rule estimates for an ``OutputNeuron``, by its three weights."""
    batch = Batch(output.inputs[None, None], output.target.reshape(1, 3, 1, 1))
    rule = LocalRuleSettings(m_p=m_p, shift="exact", **settings)
    step = local_rule(output.network, output.parameters, batch, rule, rng or np.random.default_rng(0))
    gradient = drive(step, engine or ProportionalEngine())[0].gradients
    return gradient.weights[0, :3, 0]


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("ansatz", ANSATZE)
def test_current_shifts_are_exact(ansatz, estimator):
    output = OutputNeuron(ansatz)
    exact = output.gradient(estimator)[:3]
    assert np.abs(exact).max() > 0.01
    found = gradients_of(output, weights="current-shift", estimator=estimator)
    assert found == pytest.approx(exact, rel=3e-3, abs=5e-4)


class Orders:
    """A source of randomness that hands out one order of all currents."""

    def __init__(self, order):
        self.order = order

    def random(self, shape):
        return np.array(self.order, float).reshape(shape) / 10


@pytest.mark.matrix(keep=1)
@pytest.mark.parametrize("m_syn", [1, 2, 3])
def test_sampled_shifts_are_unbiased_by_enumeration(m_syn, monkeypatch):
    monkeypatch.setattr("sqsq.learning.local_learning.random_generator", lambda rng: rng)
    output = OutputNeuron()
    exact = output.gradient("prefix")[:3]
    found = [
        gradients_of(output, Orders(order), weights="sampled-shift", m_syn=m_syn, estimator="prefix")
        for order in permutations(range(3))
    ]
    assert np.mean(found, axis=0) == pytest.approx(exact, rel=3e-3, abs=5e-4)
    assert (np.std(found, axis=0).max() > 0.01) == (m_syn < 3)


class Signs:
    """A source of randomness that hands out one pattern of signs."""

    def __init__(self, signs):
        self.signs = signs

    def integers(self, high, size, dtype):
        drawn = np.zeros(size, dtype)
        if drawn.size == len(self.signs):
            drawn.ravel()[:] = self.signs
        return drawn


@pytest.mark.parametrize("weights", ["node", "masked-spsa"])
def test_perturbations_of_less_are_unbiased_by_enumeration(weights, monkeypatch):
    monkeypatch.setattr("sqsq.learning.local_learning.random_generator", lambda rng: rng)
    output = OutputNeuron()
    exact = output.gradient("marginal")[:3]
    drawn = 3 if weights == "node" else len(output.network.delays[0]) - 1
    found = [
        gradients_of(
            output,
            Signs(signs),
            weights=weights,
            m_syn=1,
            epsilon=0.03,
            estimator="marginal",
            m_p=100_000,
        )
        for signs in product((0, 1), repeat=drawn)
    ]
    # frequencies are known to 1e-5, over 2 epsilon; the rule itself errs by about 10 epsilon squared
    assert np.mean(found, axis=0) == pytest.approx(exact, rel=2e-2, abs=5e-4)


def test_sampled_shifts_from_shots_are_near_the_exact_gradient():
    """3,000 shots, 60 draws; three components within 5.5 standard errors: a false alarm below 2e-7."""
    output = OutputNeuron()
    exact = output.gradient("marginal")[:3]
    rng = np.random.default_rng(8)
    engine = SamplingEngine(8)
    settings = {"weights": "sampled-shift", "m_syn": 2, "m_p": 3_000, "estimator": "marginal"}
    assert_mean_is([gradients_of(output, rng, engine=engine, **settings) for _ in range(60)], exact)


@pytest.mark.parametrize("delay", [0, 1])
def test_hidden_neurons_get_the_gradient_of_equation_15(delay):
    tiny = TinyNetwork("partial-swap", delay)
    edges = [(0, 0, 0), (1, 1, 0)]
    exact = []
    for edge in edges:
        bounds = []
        for sign in (1, -1):
            weights = tiny.parameters.weights.copy()
            weights[edge] += sign * H
            bounds.append(tiny.bound(Parameters(weights, tiny.parameters.theta)))
        exact.append((bounds[0] - bounds[1]) / (2 * H) / tiny.steps)
    distribution = tiny.hidden(tiny.parameters)
    found = np.zeros(2)
    for hidden in product((0, 1), repeat=tiny.steps):
        gradient = tiny.rule([hidden], weights="current-shift", feedback="to-go").gradients.weights
        found += distribution[hidden] * np.array([gradient[edge] for edge in edges])
    assert np.abs(exact).min() > 0.005
    assert found == pytest.approx(np.array(exact), abs=5e-4)


def test_several_io_qubits_and_delays_as_exact_gradients():
    """Two io qubits, edges of both delays, against the exact engine's own derivatives."""
    rng = np.random.default_rng(3)
    neuron = Neuron(2, 1)
    network = network_from_edges(
        2, [neuron, neuron], [(0, 0, SAME_STEP), (1, 1, SAME_STEP), (0, 1, NEXT_STEP), (1, 0)], [0, 1]
    )
    weights = np.where(network.delays[..., None] >= 0, rng.uniform(0.1, 0.5, (*network.delays.shape, 2)), 0.0)
    parameters = Parameters(weights, rng.uniform(-1, 1, (2, len(neuron.angles))))
    batch = Batch(
        rng.integers(2, size=(2, 1, 2, 2)).astype(np.uint8),
        rng.integers(2, size=(2, 2, 2, 2)).astype(np.uint8),
    )
    for estimator in ESTIMATORS:
        wanted = drive(
            ideal_rule(network, parameters, batch, IdealRuleSettings(estimator=estimator)),
            open_engine("exact"),
        )[0].gradients
        rule = LocalRuleSettings(weights="current-shift", shift="exact", m_p=200_000, estimator=estimator)
        found = drive(
            local_rule(network, parameters, batch, rule, np.random.default_rng(0)), ProportionalEngine()
        )[0].gradients
        # frequencies are known to 5e-6, times pi/2 over probabilities of a hundredth
        assert found.weights == pytest.approx(wanted.weights, rel=3e-3, abs=2e-3)
        assert found.theta == pytest.approx(wanted.theta, rel=3e-3, abs=2e-3)


def test_a_recurrent_network_is_trained():
    network = fully_connected(3, (2, 2), recurrent=True)
    rng = np.random.default_rng(1)
    parameters = Parameters(
        np.where(network.delays[..., None] >= 0, 0.2, 0.0), rng.uniform(-0.5, 0.5, (4, 3))
    )
    batch = Batch(rng.integers(2, size=(2, 2, 3, 3)).astype(np.uint8), np.ones((2, 3, 2, 1), np.uint8))
    rule = LocalRuleSettings(m=2, weights="current-shift", mode="fused")
    step = local_rule(network, parameters, batch, rule, rng)
    gradient = drive(step, open_engine("exact"))[0].gradients
    assert (gradient.weights[network.delays >= 0] != 0).any()
    assert (gradient.weights[network.delays < 0] == 0).all()


def test_what_does_not_matter_costs_nothing():
    """Nothing is shifted where nothing arrives or the current is not positive."""
    output = OutputNeuron()
    for inputs, sign, shifts in (([0, 1, 1], 1, 2), ([0, 0, 0], 1, 0), ([1, 1, 1], -1, 0)):
        engine = ProportionalEngine()
        lines = np.array(inputs, np.uint8)[:, None] * np.ones(3, np.uint8)
        batch = Batch(lines[None, None], output.target.reshape(1, 3, 1, 1))
        parameters = Parameters(sign * np.abs(output.parameters.weights), output.parameters.theta)
        rule = LocalRuleSettings(weights="current-shift", shift="spsa", m_som=2)
        step = local_rule(output.network, parameters, batch, rule, np.random.default_rng(0))
        gradient, _ = drive(step, engine)
        assert engine.tables[-1].evaluations == 1 + 2 * shifts + 2 * 2
        assert gradient.saved_evaluations == 2 * (3 - shifts)


def test_more_currents_than_there_are():
    with pytest.raises(UsageError, match="M_syn is 4: sampled-shift draws among T N = 3 currents"):
        gradients_of(OutputNeuron(), weights="sampled-shift", m_syn=4)


def test_the_names_of_the_rules():
    with pytest.raises(UsageError, match="unknown weights 'shift': choose from spsa, masked-spsa, node"):
        LocalRuleSettings(weights="shift")
