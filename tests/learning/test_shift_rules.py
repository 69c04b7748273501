import numpy as np
import pytest

from sqsq.learning.shift_rules import shifted_evaluations
from sqsq.model import Neuron, shift_rule
from sqsq.tables import Template
from tests import oracle

STEPS = 3
H = 1e-5


def probabilities(ansatz, phi, theta):
    """p(s_t = 1), shape (T,); theta of shape (T, 3)."""
    return oracle.spike_marginals(ansatz, phi, theta)


def exact_derivatives(ansatz, phi, theta):
    """By central differences of the oracle, all occurrences of an angle together; shape (3, T)."""
    result = []
    for k in range(3):
        up, down = theta.copy(), theta.copy()
        up[:, k] += H
        down[:, k] -= H
        result.append((probabilities(ansatz, phi, up) - probabilities(ansatz, phi, down)) / (2 * H))
    return np.array(result)


def rule_derivatives(ansatz, phi, theta, kind, repeats=1, rng=None):
    template = Template(Neuron(ansatz=ansatz), STEPS)
    plan = shifted_evaluations(template, kind, repeats, (), rng or np.random.default_rng(0))
    shifted = theta + plan.theta_offsets(template)
    measured = np.array([probabilities(ansatz, phi, row) for row in shifted])
    return plan.derivatives(measured, 3)


def random_angles(seed):
    rng = np.random.default_rng(seed)
    return rng.uniform(0, np.pi, STEPS), np.tile(rng.uniform(-1.5, 1.5, 3), (STEPS, 1))


@pytest.mark.parametrize(
    ("frequencies", "shifts"),
    [
        ((1.0,), [np.pi / 2]),
        ((0.5, 1.0), [np.pi / 2, 3 * np.pi / 2]),
        ((1.0, 2.0), [np.pi / 4, 3 * np.pi / 4]),
    ],
)
def test_known_rules(frequencies, shifts):
    assert [shift for shift, _ in shift_rule(frequencies)] == pytest.approx(shifts)


@pytest.mark.parametrize(
    "frequencies", [(1.0,), (0.5, 1.0), (1.0, 2.0), (1.0, 2.0, 3.0), (1.0, 2.5), (0.25, 3.0)]
)
def test_rules_differentiate_their_polynomials(frequencies):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, len(frequencies)))

    def f(x):
        return sum(p * np.cos(w * x) + q * np.sin(w * x) for p, q, w in zip(a, b, frequencies, strict=True))

    x = 0.7
    exact = sum(
        w * (q * np.cos(w * x) - p * np.sin(w * x)) for p, q, w in zip(a, b, frequencies, strict=True)
    )
    found = sum(c * (f(x + s) - f(x - s)) for s, c in shift_rule(frequencies))
    assert found == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize("ansatz", oracle.ENTANGLERS)
def test_exact_rule_is_exact(ansatz):
    phi, theta = random_angles(seed=1)
    exact = exact_derivatives(ansatz, phi, theta)
    assert rule_derivatives(ansatz, phi, theta, "exact") == pytest.approx(exact, abs=1e-8)
    assert rule_derivatives(ansatz, phi, theta, "exact", repeats=2) == pytest.approx(exact, abs=1e-8)


@pytest.mark.parametrize("ansatz", oracle.ENTANGLERS)
def test_sampled_rule_is_unbiased(ansatz):
    """The mean of 2,000 draws with exact probabilities, each component within 5.5 standard errors.

    Nine components: a false alarm has probability below 4e-7 in each of the three tests.
    """
    phi, theta = random_angles(seed=2)
    rng = np.random.default_rng(3)
    template = Template(Neuron(ansatz=ansatz), STEPS)
    plan = shifted_evaluations(template, "sampled", 1, (2000,), rng)
    offsets = plan.theta_offsets(template)
    known = {}
    measured = np.empty((*offsets.shape[:2], STEPS))
    for index in np.ndindex(offsets.shape[:2]):
        key = offsets[index].tobytes()
        if key not in known:
            known[key] = probabilities(ansatz, phi, theta + offsets[index])
        measured[index] = known[key]
    draws = plan.derivatives(measured, 3)
    exact = exact_derivatives(ansatz, phi, theta)
    error = draws.std(axis=0) / np.sqrt(len(draws))
    varies = error > 1e-9
    assert np.all(np.abs(draws.mean(axis=0) - exact)[varies] < 5.5 * error[varies])
    assert np.abs(exact[~varies]).max(initial=0) < 1e-8


def test_papers_rule_is_biased():
    """One shift of all occurrences is right for none of the angles that act in more than one step."""
    phi, theta = random_angles(seed=1)
    for ansatz in ("partial-swap", "memory-controlled"):
        exact = exact_derivatives(ansatz, phi, theta)
        paper = rule_derivatives(ansatz, phi, theta, "paper")
        assert np.abs(paper - exact).max() > 0.05
    # of io-controlled neurons, whose p(s_t) has frequency 1/2 in theta_ent, it overestimates by sqrt(2)
    exact = exact_derivatives("io-controlled", phi, theta)
    paper = rule_derivatives("io-controlled", phi, theta, "paper")
    assert paper[0] == pytest.approx(np.sqrt(2) * exact[0], abs=1e-8)
    assert paper[1] == pytest.approx(exact[1], abs=1e-8)


@pytest.mark.parametrize(("kind", "rows"), [("paper", 6), ("sampled", 6), ("exact", 80), ("spsa", 0)])
def test_prices_of_the_default_neuron(kind, rows):
    template = Template(Neuron(), 10)
    assert shifted_evaluations(template, kind, 1, (2, 3), np.random.default_rng(0)).rows == rows


def test_shifts_cannot_change_the_past():
    """Terms before the shifted step are left out: shot noise there is not counted."""
    template = Template(Neuron(), 2)
    plan = shifted_evaluations(template, "exact", 1, (), np.random.default_rng(0))
    noise = np.ones((plan.rows, 2)) * np.where(plan.step[:, None] > np.arange(2), 1e6, 0.0)
    assert np.abs(plan.derivatives(noise, 3)).max() == 0
