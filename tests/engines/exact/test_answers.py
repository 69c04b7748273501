import numpy as np
import pytest

from sqsq.engines.circuit_sources import circuits_of
from sqsq.engines.exact import ExactEngine, joint, log_likelihood, marginals, score
from sqsq.errors import BackendError, UsageError
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, ScoreRequest, Template
from tests import oracle


def engine(device=""):
    return ExactEngine(device or "exact", circuits_of(device, idle_noise=True), 0)


def random_table(template, rows, seed):
    rng = np.random.default_rng(seed)
    phi = rng.uniform(0, np.pi, (rows, *template.phi_shape))
    return EvaluationTable(template, phi, rng.uniform(-2, 2, (rows, *template.theta_shape)), 1)


@pytest.mark.parametrize("ansatz", oracle.ENTANGLERS)
def test_probabilities_are_the_oracles(ansatz):
    template = Template(Neuron(ansatz=ansatz), 4)
    table = random_table(template, rows=3, seed=0)
    spikes = np.random.default_rng(1).integers(2, size=(3, 4, 1), dtype=np.uint8)
    everything = joint(engine(), table)
    ours = marginals(engine(), table)
    likelihood = log_likelihood(engine(), table, spikes)
    for row in range(3):
        exact = oracle.joint(ansatz, 1, 1, table.phi[row], table.theta[row])
        assert everything[row] == pytest.approx(exact, abs=1e-12)
        assert ours[row, :, 1] == pytest.approx(
            oracle.spike_marginals(ansatz, table.phi[row, :, 0], table.theta[row]), abs=1e-12
        )
        assert likelihood[row] == pytest.approx(np.log(oracle.conditional(exact, spikes[row, :, 0])))


def test_impossible_spikes_have_no_likelihood():
    template = Template(Neuron(), 2)
    table = EvaluationTable(template, np.zeros((1, 2, 1)), np.zeros((1, 2, 3)), 1)
    assert log_likelihood(engine(), table, np.ones((1, 2, 1), np.uint8))[0, 0] == -np.inf


def test_marginals_of_several_io_qubits():
    template = Template(Neuron(2, 1), 2)
    table = random_table(template, rows=2, seed=3)
    everything = joint(engine(), table)
    assert marginals(engine(), table)[:, 1] == pytest.approx(everything.sum(axis=1))


def test_joint_distributions_that_are_too_large_are_refused():
    table = random_table(Template(Neuron(), 21), rows=1, seed=0)
    with pytest.raises(UsageError, match=r"has 2\^21 outcomes: at most 2\^20"):
        joint(engine(), table)


@pytest.mark.matrix(keep=4)
@pytest.mark.parametrize("given_past", [False, True])
@pytest.mark.parametrize(
    ("device", "ansatz", "io", "memory"),
    [
        ("", "partial-swap", 1, 1),
        ("", "memory-controlled", 1, 1),
        ("", "io-controlled", 2, 1),
        ("fake_brisbane", "partial-swap", 1, 1),
        ("fake_brisbane", "memory-controlled", 1, 1),
        ("fake_lagos", "partial-swap", 2, 1),
    ],
)
def test_derivatives_are_those_of_finite_differences(device, ansatz, io, memory, given_past):
    """To 1e-6, under noise too."""
    template = Template(Neuron(io, memory, ansatz), 3)
    table = random_table(template, rows=2, seed=5)
    rng = np.random.default_rng(6)
    held = rng.integers(2, size=(2, 3, io), dtype=np.uint8)
    factor = rng.normal(size=(2, 3))
    exact = engine(device)

    def weighted(phi, theta):
        moved = EvaluationTable(template, phi, theta, 1)
        found = score(exact, ScoreRequest(moved, held, factor, given_past))
        return (factor * found.log_probability).sum(axis=1)

    found = score(exact, ScoreRequest(table, held, factor, given_past))
    step = 1e-5
    for angles, ours in (("phi", found.by_phi), ("theta", found.by_theta)):
        for index in np.ndindex(ours.shape[1:]):
            values = []
            for sign in (1, -1):
                moved = {"phi": table.phi.copy(), "theta": table.theta.copy()}
                moved[angles][(slice(None), *index)] += sign * step
                values.append(weighted(**moved))
            assert ours[(slice(None), *index)] == pytest.approx(
                (values[0] - values[1]) / (2 * step), abs=1e-6
            )


def test_scores_of_alike_rows_and_of_all_different_ones():
    template = Template(Neuron(), 3)
    table = random_table(template, rows=4, seed=7)
    view = np.broadcast_to(table.theta[:1], table.theta.shape)
    held = np.ones((4, 3, 1), np.uint8)
    both = [
        score(
            engine(),
            ScoreRequest(EvaluationTable(template, table.phi, theta, 1), held, np.ones((4, 3)), True),
        )
        for theta in (view, view.copy())
    ]
    assert np.array_equal(both[0].by_theta, both[1].by_theta)


@pytest.mark.parametrize("given_past", [False, True])
def test_impossible_spikes_have_finite_scores(given_past):
    """They count as 1e-9 and pull nowhere; the others are scored as if those were not."""
    template = Template(Neuron(), 4)
    theta = np.broadcast_to([0.7, 0.0, 0.3], (1, 4, 3))
    phi = np.array([1.0, 0.0, 0.0, 2.0]).reshape(1, 4, 1)
    theta = theta * np.array([1.0, 0.0, 0.0, 1.0]).reshape(1, 4, 1)  # silence, whatever the memory holds
    held = np.array([1, 1, 0, 1], np.uint8).reshape(1, 4, 1)

    def gradient(factor):
        request = ScoreRequest(EvaluationTable(template, phi, theta, 1), held, factor, given_past)
        return score(engine(), request)

    found = gradient(np.ones((1, 4)))
    possible = found.log_probability > np.log(2e-9)
    assert possible.tolist() == [[True, False, not given_past, not given_past]]
    assert found.log_probability[~possible] == pytest.approx(np.log(1e-9))
    scored = gradient(possible.astype(float))
    assert found.by_phi == pytest.approx(scored.by_phi)
    assert found.by_theta == pytest.approx(scored.by_theta)
    assert np.abs(found.by_theta).max() > 0.1


def test_marginals_are_probabilities(monkeypatch):
    """Rounding is taken away; what is beyond it is an error, never clipped without a word."""
    from sqsq.engines.exact import answers

    table = EvaluationTable(Template(Neuron(), 3), np.full((1, 3, 1), np.pi), np.zeros((1, 3, 3)), 1)
    found = marginals(engine(), table)
    assert found.min() >= 0
    assert found.max() <= 1
    exact = answers.marginal_probabilities
    monkeypatch.setattr(answers, "marginal_probabilities", lambda matrices: exact(matrices) * 1.001)
    with pytest.raises(BackendError, match=r"exact finds probabilities of .* its noise cannot happen"):
        marginals(engine(), table)
