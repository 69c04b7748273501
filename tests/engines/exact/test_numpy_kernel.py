"""One step at a time, with every uniform number in turn: probabilities to the last bit, no chance."""

import numpy as np
import pytest

from sqsq.engines.exact.numpy_kernel import draw_step, rows_at_once, step_matrices
from sqsq.engines.exact.stream import bounds

STRATA = 2**16


def evenly(number):
    """Uniform numbers in the middle of equal strata, shape (1, strata)."""
    return ((np.arange(STRATA) + 0.5) / STRATA).astype(number)[None]


def memoryless(probabilities, number):
    """Matrices and state of a neuron without memory, from the probabilities of patterns 1 and up."""
    matrices = np.array(probabilities, number).reshape(-1, 1, 1)
    return matrices, np.ones((1, 1, STRATA), number)


@pytest.mark.parametrize("number", [np.float32, np.float64])
@pytest.mark.parametrize(
    "probabilities",
    [
        [0.5],
        [2**-16],
        [1 - 2**-16],
        [0.0],
        [1.0],
        [0.25, 0.25, 0.25],
        [0.5, 0.0, 0.5],
        [0.0, 1.0, 0.0],
        [0.0, 0.0, 0.0],
        [0.5, 2**-16, 0.25],
        [2**-16] * 15,
        [0.0625] * 15,
        [0.0] * 7 + [2**-16, 1 - 2**-15, 2**-16] + [0.0] * 5,
    ],
)
def test_every_pattern_has_its_share_of_the_uniforms(probabilities, number):
    matrices, state = memoryless(probabilities, number)
    pattern, after, left = draw_step(matrices, state, evenly(number))
    shares = np.bincount(pattern.ravel(), minlength=len(probabilities) + 1) / STRATA
    assert shares[1:].tolist() == probabilities
    expected = np.array([1 - sum(probabilities), *probabilities])[pattern]
    assert np.array_equal(after[0], expected.astype(number))
    assert np.all((left > 0) & (left < after[0]))


@pytest.mark.parametrize("number", [np.float32, np.float64])
@pytest.mark.parametrize("certain", [0, 1, 2, 3])
@pytest.mark.parametrize("rounding", [0.0, 1e-17, -1e-17, 2e-16, -2e-16])
def test_certain_and_impossible_patterns_bear_rounding(number, certain, rounding):
    """Whatever u is, its bounds included, and step after step without an end."""
    probabilities = np.full(4, rounding)
    probabilities[certain] = 1 - 3 * rounding
    least, most = bounds(np.dtype(number))
    left = np.array([[least, 0.3, most]], number)
    matrices = probabilities[1:].astype(number).reshape(-1, 1, 1)
    state = np.ones((1, 1, 3), number)
    for _ in range(50):
        pattern, state, left = draw_step(matrices, state, left)
        assert np.all(pattern == certain)
    assert np.all(state > 0)


@pytest.mark.parametrize("number", [np.float32, np.float64])
def test_nothing_left_of_u_is_no_reason_to_spike(number):
    """u = p exactly: no spike, and none at the next step either, where none is possible."""
    half = np.array([0.5], number).reshape(1, 1, 1)
    pattern, state, left = draw_step(half, np.ones((1, 1, 1), number), np.array([[0.5]], number))
    assert pattern.item() == 0
    for silent in (0.0, 1e-17, -1e-17):
        nothing = np.full((1, 1, 1), silent, number)
        assert draw_step(nothing, state, left)[0].item() == 0


@pytest.mark.parametrize("number", [np.float32, np.float64])
def test_what_is_left_is_never_nothing(number):
    """Thousands of steps that u meets exactly, or by one rounding."""
    rng = np.random.default_rng(0)
    least, most = bounds(np.dtype(number))
    state = np.ones((1, 1, 1000), number)
    left = rng.uniform(least, most, (1, 1000)).astype(number)
    for _ in range(2000):
        near = left[0] / state[0, 0] * rng.choice([1, 1 - 1e-7, 1 + 1e-7], 1000)
        _, state, left = draw_step(near.astype(number).reshape(1, 1, -1), state, left)
        assert np.all(state > 0)
        assert np.all((left >= least * state[0]) & (left <= state[0]))
        if state.min() < 1e-20:
            left, state = left / state[0], np.ones_like(state)


def test_matrices_are_sums_of_products_in_order():
    rng = np.random.default_rng(0)
    bank = rng.normal(size=(3, 4, 9, 4, 4))
    basis = rng.normal(size=(9, 7))
    index = np.array([0, 2, 1, 1, 0, 2, 2], np.int32)
    expected = np.einsum("rofij,fr->oijr", bank[index], basis).reshape(16, 4, 7)[1:]
    for number, error in ((np.dtype(np.float64), 1e-14), (np.dtype(np.float32), 1e-5)):
        found = step_matrices(bank, index, basis, number)
        assert found.dtype == number
        assert found == pytest.approx(expected, abs=error)
        alike = step_matrices(bank, index[:1], basis, number)
        assert np.array_equal(alike, step_matrices(bank, np.zeros(7, np.int32), basis, number))
        assert np.array_equal(alike[..., 0], found[..., 0])


def test_probabilities_that_cancel_are_rounded_once():
    bank = np.zeros((1, 2, 3, 4, 4))
    bank[0, 1, :, 0, 0] = 0.5, -0.5 * np.cos(0.7), 0.5 * np.sin(0.7)
    basis = np.array([[1.0], [np.cos(0.7)], [-np.sin(0.7)]])
    assert abs(step_matrices(bank, np.zeros(1, np.int32), basis, np.dtype(np.float32))[3, 0, 0]) < 1e-16


def test_blocks_hold_some_rows():
    assert rows_at_once(2, 4, 1) == 2048
    assert rows_at_once(512, 4096, 10**6) == 64
