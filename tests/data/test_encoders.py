"""Encoders: what spikes they make, and what they refuse."""

import numpy as np
import pytest

from sqsq.data import ENCODERS, DirectCode, LatencyCode, PhaseCode, RateCode, check_examples, find_encoder
from sqsq.errors import UsageError


def rng():
    return np.random.default_rng(0)


def test_rates_are_the_values_up_to_the_limit():
    """False alarm: each of 4 rates within 5 standard deviations, below 1e-5 in all."""
    values = np.array([[0.0, 0.1, 0.5, 1.0]])
    spikes = RateCode(0.4).encode(values, 3, 10_000, rng())
    assert spikes.shape == (1, 3, 10_000, 4)
    found = spikes.mean(axis=(0, 1, 2))
    wanted = np.array([0.0, 0.1, 0.4, 0.4])
    assert (np.abs(found - wanted) <= 5 * np.sqrt(wanted * (1 - wanted) / 30_000)).all()
    assert RateCode(0.4).spikes_per_step(values, 10) == pytest.approx(0.9)


def test_larger_values_spike_earlier():
    spikes = LatencyCode().encode(np.array([[1.0, 0.5, 0.25, 0.0]]), 2, 5, rng())
    assert spikes.shape == (1, 2, 5, 4)
    assert (spikes[0, 0] == spikes[0, 1]).all()
    assert spikes[0, 0].argmax(axis=0).tolist() == [0, 2, 3, 0]
    assert spikes[0, 0].sum(axis=0).tolist() == [1, 1, 1, 0]
    assert LatencyCode().spikes_per_step(np.array([[1.0, 0.5, 0.25, 0.0]]), 5) == pytest.approx(3 / 5)


def test_binary_digits_come_in_turn():
    values = np.array([[1.0, 0.0, 128 / 255, 5 / 255]])
    spikes = PhaseCode().encode(values, 1, 10, rng())[0, 0]
    assert spikes[:, 0].all()
    assert not spikes[:, 1].any()
    assert spikes[:, 2].tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 1, 0]
    assert spikes[:8, 3].tolist() == [0, 0, 0, 0, 0, 1, 0, 1]
    assert PhaseCode().spikes_per_step(values, 10) == pytest.approx(spikes.sum() / 10)


def test_spike_trains_stay_what_they_are():
    trains = rng().integers(2, size=(3, 4, 5), dtype=np.uint8)
    spikes = DirectCode().encode(DirectCode().check(trains, "x"), 2, 4, rng())
    assert (spikes == trains[:, None]).all()
    assert DirectCode().spikes_per_step(trains, 4) == pytest.approx(trains.sum() / 12)
    with pytest.raises(UsageError, match=r"the spike trains have 4 steps: T is 10"):
        DirectCode().encode(trains, 1, 10, rng())


@pytest.mark.parametrize("name", ["rate", "latency", "phase"])
def test_images_become_rows_of_pixels(name):
    encoder = find_encoder(name)
    assert check_examples(np.zeros((2, 3, 4)), "x", encoder).shape == (2, 12)
    hidden = np.ma.masked_greater(np.full((2, 3, 4), 0.5), 0.1)
    with pytest.raises(UsageError, match="is masked"):
        check_examples(hidden, "x", encoder)
    for wrong in (np.full((2, 3), 255), [[np.nan]], [["a"]], 3):
        with pytest.raises(UsageError, match="x"):
            encoder.check(wrong, "x")


@pytest.mark.parametrize("wrong", [np.zeros((2, 3)), np.full((1, 2, 3), 2), np.full((1, 2, 3), 0.5)])
def test_what_is_no_spike_train(wrong):
    with pytest.raises(UsageError, match="x"):
        DirectCode().check(wrong, "x")


def test_names():
    assert all(find_encoder(name) == kind() for name, kind in ENCODERS.items())
    with pytest.raises(UsageError, match=r"unknown encoder 'latent' \(did you mean latency\?\)"):
        find_encoder("latent")
    for limit in (0, 1.5, np.nan):
        with pytest.raises(UsageError, match="limit of the rate code"):
            RateCode(limit)
