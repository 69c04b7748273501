"""Tests of hypotheses, with a stated false-alarm probability."""

import numpy as np
from scipy.stats import chi2

FALSE_ALARM = 1e-6
"""The probability that one such test fails although all is right; with fixed seeds always or never."""


def assert_drawn_from(spikes, distribution):
    """Pearson's chi-square test of shots against a joint distribution, cells below 5 expected pooled.

    Args:
        spikes: Shape (shots, bits).
        distribution: Shape (2,) * bits.
    """
    shots, bits = spikes.shape
    index = spikes.astype(np.int64) @ (1 << np.arange(bits)[::-1])
    observed = np.bincount(index, minlength=2**bits).astype(float)
    expected = distribution.ravel() * shots
    rare = expected < 5
    observed = np.append(observed[~rare], observed[rare].sum())
    expected = np.append(expected[~rare], expected[rare].sum())
    kept = expected > 1e-9
    assert observed[~kept].sum() == 0, "outcomes of probability zero were observed"
    statistic = ((observed - expected)[kept] ** 2 / expected[kept]).sum()
    p_value = chi2.sf(statistic, max(int(kept.sum()) - 1, 1))
    assert p_value > FALSE_ALARM, f"chi-square {statistic:.1f}, p = {p_value:.1e}"


def assert_same_distribution(first, second):
    """Chi-square test that two sets of shots, shape (shots, bits), come from the same distribution."""
    counts = []
    for spikes in (first, second):
        index = spikes.astype(np.int64) @ (1 << np.arange(spikes.shape[1])[::-1])
        counts.append(np.bincount(index, minlength=2 ** spikes.shape[1]).astype(float))
    a, b = counts
    rare = a + b < 10
    a, b = np.append(a[~rare], a[rare].sum()), np.append(b[~rare], b[rare].sum())
    kept = a + b > 0
    a, b = a[kept], b[kept]
    statistic = ((np.sqrt(b.sum() / a.sum()) * a - np.sqrt(a.sum() / b.sum()) * b) ** 2 / (a + b)).sum()
    p_value = chi2.sf(statistic, max(len(a) - 1, 1))
    assert p_value > FALSE_ALARM, f"chi-square {statistic:.1f}, p = {p_value:.1e}"


def assert_mean_is(samples, expected):
    """Each component of a mean lies within 5.5 standard errors: a false alarm below 4e-8 for each."""
    samples = np.asarray(samples, float)
    error = samples.std(axis=0, ddof=1) / np.sqrt(len(samples))
    score = np.abs(samples.mean(axis=0) - expected) / np.maximum(error, 1e-12)
    assert np.max(score) < 5.5, f"z-scores {score}"
