import numpy as np
import pytest

from sqsq.engines.exact.angles import REACH, cosine_and_sine, within_reach

LARGEST = float(np.finfo(float).max)


def spread(size):
    """Angles around a size, both signs, with those where a quarter turn is nearly whole."""
    rng = np.random.default_rng(0)
    quarters = np.round(rng.uniform(0.1, 1, 500) * size / (np.pi / 2)) * (np.pi / 2)
    angles = np.concatenate([size * rng.uniform(0.1, 1, 5000), quarters, [size]])
    return np.concatenate([angles, -angles])


@pytest.mark.parametrize("size", [1e-300, 1e-8, 1, 10, 1e3, 1e6, 1e9, REACH, 2 * REACH, 1e16, 1e100, LARGEST])
def test_every_size_of_angle(size):
    """Against the C library or NumPy's vectors, right to 6e-17: at most 2e-16, beyond ``REACH`` 3e-16."""
    angles = spread(size)
    cosine, sine = cosine_and_sine(angles)
    allowed = 2.5e-16 if size <= REACH else 3.5e-16
    assert np.abs(cosine - np.cos(angles)).max() < allowed
    assert np.abs(sine - np.sin(angles)).max() < allowed


def test_special_angles():
    cosine, sine = cosine_and_sine([0.0, -0.0, 5e-324, -5e-324, np.pi, -np.pi])
    assert cosine.tolist() == [1, 1, 1, 1, -1, -1]
    assert sine.tolist()[:4] == [0, 0, 5e-324, -5e-324]
    assert np.abs(sine[4:]).max() < 1.3e-16


def test_angles_of_any_shape_type_and_order():
    angles = np.asfortranarray(np.random.default_rng(0).uniform(-9, 9, (3, 5, 2000))).astype(">f4")
    angles.flags.writeable = False
    cosine, sine = cosine_and_sine(angles)
    plain = angles.astype(float)
    assert np.array_equal(cosine, cosine_and_sine(plain.ravel())[0].reshape(plain.shape))
    assert sine == pytest.approx(np.sin(plain), abs=3e-16)


def test_only_angles_out_of_reach_are_moved():
    assert np.array_equal(within_reach([REACH, -REACH, 1.5]), [REACH, -REACH, 1.5])
    moved = within_reach([2 * REACH, -1e300])
    assert np.abs(moved).max() <= np.pi
    assert np.cos(moved) == pytest.approx(np.cos([2 * REACH, -1e300]), abs=5e-16)
