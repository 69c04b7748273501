import numpy as np
import pytest

from sqsq.estimation import count_hits
from sqsq.learning.estimators import log_derivative, log_probability

SPIKES = np.array([[[1, 1, 0], [1, 0, 0], [0, 1, 0], [1, 1, 1]]], np.uint8)[..., None]  # 4 shots, T = 3
HELD = np.array([[1, 1, 0]], np.uint8)[..., None]


def test_marginal_uses_every_shot():
    hits = count_hits(SPIKES, HELD, "marginal")
    assert hits.hits.tolist() == [[3, 3, 3]]
    assert hits.trials.tolist() == [[4, 4, 4]]
    logarithm, known = log_probability(hits)
    assert known.all()
    assert np.exp(logarithm) == pytest.approx(3.5 / 5)


def test_prefix_keeps_shots_with_the_held_past():
    hits = count_hits(SPIKES, HELD, "prefix")
    assert hits.hits.tolist() == [[3, 2, 1]]
    assert hits.trials.tolist() == [[4, 3, 2]]
    logarithm, known = log_probability(hits)
    assert known.all()
    assert np.exp(logarithm[0]) == pytest.approx([3.5 / 5, 2.5 / 4, 1.5 / 3])


def test_prefix_without_survivors_has_no_estimate():
    held = np.array([[1, 0, 1]], np.uint8)[..., None]
    hits = count_hits(SPIKES, held, "prefix")
    assert hits.hits.tolist() == [[3, 1, 0]]
    held[0, 1:] = [[0], [1]]
    gone = count_hits(SPIKES[:, :1], held, "prefix")
    logarithm, known = log_probability(gone)
    assert known.tolist() == [[True, True, False]]
    assert logarithm[0, 2] == 0


def test_all_io_qubits_must_agree():
    spikes = np.array([[[[1, 0]], [[1, 1]]]], np.uint8)
    assert count_hits(spikes, np.array([[[1, 1]]], np.uint8), "marginal").hits.tolist() == [[1]]


def test_derivative_of_the_prefix_estimate_is_that_of_a_quotient():
    """d log p(s_2 | s_1) = dP_2 / P_2 - dP_1 / P_1."""
    base = count_hits(np.ones((1, 10_000, 2, 1), np.uint8), np.ones((1, 2, 1), np.uint8), "prefix")
    score, _ = log_derivative(base, np.array([[0.3, 0.1]]))
    assert score == pytest.approx(np.array([[0.3, 0.1 - 0.3]]), rel=1e-3)
