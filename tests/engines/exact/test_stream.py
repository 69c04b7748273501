import numpy as np
import pytest

from sqsq.engines.exact.stream import (
    LEAST,
    RESERVE,
    bounds,
    draw_uniforms,
    number_type,
    steps_per_draw,
)


@pytest.mark.parametrize(("io", "steps"), [(1, 10), (2, 19), (3, 13), (4, 9), (9, 4)])
def test_bits_of_a_draw_are_left_over(io, steps):
    assert steps_per_draw(io) == steps
    bits = 24 if io == 1 else 53
    assert np.finfo(number_type(io)).nmant == bits - 1
    assert steps * io + RESERVE <= bits < (steps + 1) * io + RESERVE


@pytest.mark.parametrize("io", [1, 2])
def test_uniforms_lie_between_the_bounds(io):
    """A Kolmogorov distance above 2.8 / sqrt(n) has probability 3e-7."""
    uniforms = draw_uniforms(np.random.default_rng(0), 25, 200, 300, io)
    assert uniforms.shape == (-(-25 // steps_per_draw(io)), 200, 300)
    least, most = bounds(uniforms.dtype)
    assert 0 < least <= uniforms.min() < uniforms.max() <= most < 1
    assert least == LEAST
    ordered = np.sort(uniforms, axis=None).astype(float)
    distance = np.abs(ordered - (np.arange(ordered.size) + 0.5) / ordered.size).max()
    assert distance < 2.8 / np.sqrt(ordered.size)


def test_small_uniforms_are_finer_than_a_float32_near_one():
    uniforms = draw_uniforms(np.random.default_rng(0), 1, 1000, 1000, 1).ravel()
    small = uniforms[uniforms < 2**-12].astype(float)
    assert (small * 2**24 % 1 != 0.5).mean() > 0.9
    assert np.all(small * 2**33 % 2 == 1)


def test_uniforms_at_their_bounds():
    class Extreme:
        """Yields the smallest and the largest words."""

        def integers(self, low, high, shape, dtype):
            return np.resize(np.array([low, high - 1], dtype), shape)

        def random(self, shape):
            return np.resize(np.array([0.0, 1 - 2.0**-53]), shape)

    for io in (1, 2):
        uniforms = draw_uniforms(Extreme(), 1, 1, 2, io)
        assert uniforms.ravel().tolist() == [float(bound) for bound in bounds(uniforms.dtype)]
