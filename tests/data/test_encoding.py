import numpy as np

from sqsq.data import rate_decode, rate_encode, target_spikes


def test_rates_are_the_probabilities():
    """40,000 draws a pixel: 5.5 standard errors are at most 0.014, a false alarm below 4e-7."""
    probabilities = np.array([[0.0, 0.1, 0.5]])
    spikes = rate_encode(probabilities, passes=200, steps=200, rng=np.random.default_rng(0))
    assert spikes.shape == (1, 200, 200, 3)
    assert spikes.dtype == np.uint8
    assert np.abs(spikes.mean(axis=(0, 1, 2)) - probabilities[0]).max() < 0.014
    assert not spikes[..., 0].any()


def test_passes_are_encoded_afresh_and_seeds_repeat():
    image = np.full((1, 50), 0.5)
    first = rate_encode(image, 2, 10, np.random.default_rng(1))
    assert not np.array_equal(first[:, 0], first[:, 1])
    assert np.array_equal(first, rate_encode(image, 2, 10, np.random.default_rng(1)))


def test_targets_spike_at_every_step():
    spikes = target_spikes(np.array([1, 0]), outputs=3, steps=2, channels=2)
    assert spikes.shape == (2, 2, 3, 2)
    assert spikes[0, :, 1].all()
    assert spikes.sum() == 2 * 2 * 2


def test_most_spikes_win_and_ties_are_random():
    """Of 1,000 ties each class gets 500 give or take; outside 400..600 has probability below 1e-9."""
    spikes = np.zeros((1001, 4, 2, 1), np.uint8)
    spikes[0, 0, 1] = 1
    decoded = rate_decode(spikes, np.random.default_rng(0))
    assert decoded.classes[0] == 1
    assert decoded.ties == 1000
    assert 400 < decoded.classes[1:].sum() < 600
