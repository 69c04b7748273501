import numpy as np
import pytest

from sqsq.errors import UsageError
from sqsq.reproduce.sensitivity.statistics import estimation_error

EXACT = np.array([3.0, 0.0, -4.0])
BIAS = np.array([0.5, -0.5, 0.0])
SCALE = np.array([1.0, 2.0, 3.0])


def synthetic(seed, repeats=50, bias=BIAS):
    noise = np.random.default_rng(seed).standard_normal((repeats, 3)) * SCALE
    return estimation_error(EXACT + bias + noise, EXACT)


def test_known_bias_and_variance():
    """Means over 400 studies lie within four standard errors of what is known: false alarms 1e-4 each."""
    studies = [synthetic(seed) for seed in range(400)]
    for found, known in (
        ([s.bias_squared.value for s in studies], BIAS @ BIAS),
        ([s.variance.value for s in studies], SCALE @ SCALE),
        ([s.gain.value for s in studies], 1 + BIAS @ EXACT / 25),
    ):
        assert abs(np.mean(found) - known) < 4 * np.std(found) / len(found) ** 0.5
    for name in ("variance", "gain", "cosine"):
        values = [getattr(s, name).value for s in studies]
        errors = [getattr(s, name).error for s in studies]
        assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.std(values), rel=0.2)


def test_the_error_of_a_bias_is_never_too_small():
    """Var = 4 b.C.b / R + 2 tr C^2 / (R (R - 1)), of which the jackknife counts the second term twice."""
    studies = [synthetic(seed) for seed in range(400)]
    linear = 4 * (BIAS**2 @ SCALE**2) / 50
    quadratic = 2 * (SCALE**4).sum() / (50 * 49)
    errors = [study.bias_squared.error for study in studies]
    assert np.std([study.bias_squared.value for study in studies]) == pytest.approx(
        (linear + quadratic) ** 0.5, rel=0.15
    )
    assert np.mean(np.square(errors)) == pytest.approx(linear + 2 * quadratic, rel=0.15)


def test_noise_is_not_read_as_bias():
    """Without bias the estimate of its square is centred at 0, where that of the plain mean is not."""
    found = [synthetic(seed, bias=np.zeros(3)).bias_squared.value for seed in range(400)]
    assert abs(np.mean(found)) < 4 * np.std(found) / 20  # false alarm 6e-5
    assert np.mean(found) < 0.5 * (SCALE @ SCALE) / 50


def test_the_square_is_the_plain_one_less_the_variance_of_the_mean():
    estimates = np.random.default_rng(7).standard_normal((11, 3))
    error = estimation_error(estimates, EXACT)
    plain = np.sum((estimates.mean(axis=0) - EXACT) ** 2)
    assert error.variance.value == pytest.approx(estimates.var(axis=0, ddof=1).sum())
    assert error.bias_squared.value == pytest.approx(plain - error.variance.value / 11)
    left_out = [
        estimation_error(np.delete(estimates, i, axis=0), EXACT).bias_squared.value for i in range(11)
    ]
    assert error.bias_squared.error == pytest.approx((10 * np.var(left_out)) ** 0.5)


def test_no_gradient_and_too_few_estimates():
    error = estimation_error(np.ones((4, 2)), np.zeros(2))
    assert error.gain is None
    assert error.cosine is None
    assert error.to_json()["relative_bias"] is None
    with pytest.raises(UsageError, match="2 estimates"):
        estimation_error(np.ones((2, 3)), EXACT)
