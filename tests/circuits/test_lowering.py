"""Both lowerings give pi max(0, z) for every pattern of bits, against the plain formula."""

from itertools import product

import numpy as np
import pytest

from sqsq.errors import UsageError
from sqsq.tables.lowering import MAX_FAN_IN, lower_angle


def angle_of_bits(lowered, bits):
    """The sum of the rotations that fire for a pattern of bits."""
    fires = [
        all(bits[k] for k in condition.ones) and not any(bits[k] for k in condition.zeros)
        for condition in lowered.conditions
    ]
    return lowered.angles[..., np.array(fires, bool)].sum(axis=-1)


def wanted(weights, external, bits, rectified=True):
    currents = external + np.dot(weights, bits)
    return np.pi * (np.maximum(0, currents) if rectified else currents)


@pytest.mark.parametrize("rectified", [True, False])
@pytest.mark.parametrize("form", ["patterns", "moebius", None])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
@pytest.mark.parametrize("low", [-1.0, 0.0])
def test_every_pattern_turns_by_its_angle(form, count, low, rectified):
    rng = np.random.default_rng(count)
    weights = rng.uniform(low, 1, count)
    external = rng.uniform(low, 1, (3, 4))
    lowered = lower_angle(weights, external, form=form, rectified=rectified)
    assert lowered.error == 0
    for bits in product((0, 1), repeat=count):
        np.testing.assert_allclose(
            angle_of_bits(lowered, np.array(bits, bool)),
            wanted(weights, external, bits, rectified),
            atol=1e-12,
        )


def test_without_rectification_any_sum_needs_one_rotation_a_bit():
    weights = np.random.default_rng(0).uniform(-1, 1, 40)
    lowered = lower_angle(weights, np.array([-0.5, 0.3]), rectified=False)
    assert lowered.conditionals == 40
    bits = np.random.default_rng(1).integers(0, 2, 40).astype(bool)
    expected = np.pi * (np.array([-0.5, 0.3]) + weights[bits].sum())
    np.testing.assert_allclose(angle_of_bits(lowered, bits), expected, atol=1e-12)
    pruned = lower_angle(weights, np.array([-0.5, 0.3]), rectified=False, prune=0.2)
    moved = np.abs(angle_of_bits(pruned, bits) - expected).max()
    assert 0 < moved <= pruned.error


def test_sums_that_are_never_negative_need_one_rotation_a_bit():
    weights = np.array([0.5, -0.2, 0.1])
    lowered = lower_angle(weights, np.array([0.2, 0.9]))
    assert lowered.form == "moebius"
    assert lowered.conditionals == 3
    assert all(condition.bits <= 1 for condition in lowered.conditions)
    # so many bits are no matter then
    many = lower_angle(np.full(40, 0.1), np.array([0.0]))
    assert many.conditionals == 40


def test_the_cheaper_form_is_chosen():
    """Few patterns above threshold: patterns; a sum that is rarely rectified: Moebius."""
    inhibited = lower_angle(np.array([0.3, -1.0, -1.0]), np.array([0.0]))
    assert inhibited.form == "patterns"
    assert inhibited.conditionals == 1
    mostly_positive = lower_angle(np.array([0.4, 0.4, -0.5]), np.array([0.3]))
    assert mostly_positive.form == "moebius"
    for weights in ([0.3, -1.0, -1.0], [0.4, 0.4, -0.5]):
        forms = [
            lower_angle(np.array(weights), np.array([0.1]), form=form).conditionals
            for form in ("patterns", "moebius")
        ]
        assert lower_angle(np.array(weights), np.array([0.1])).conditionals == min(forms)


@pytest.mark.parametrize("seed", range(5))
def test_pruning_stays_within_its_bound(seed):
    rng = np.random.default_rng(seed)
    weights = rng.uniform(-0.5, 1, 5)
    external = rng.uniform(-0.2, 0.5, (4,))
    pruned = lower_angle(weights, external, form="moebius", prune=0.3)
    whole = lower_angle(weights, external, form="moebius")
    assert len(pruned.conditions) < len(whole.conditions)
    largest = max(
        np.abs(angle_of_bits(pruned, np.array(bits, bool)) - wanted(weights, external, bits)).max()
        for bits in product((0, 1), repeat=5)
    )
    assert 0 < largest <= pruned.error + 1e-12


def test_too_many_bits_name_the_alternative():
    weights = np.full(MAX_FAN_IN + 1, -0.1)
    with pytest.raises(UsageError, match=r"11 fed-forward spikes .* 2,048 conditionals: .*--forward layered"):
        lower_angle(weights, np.array([0.5]))
    with pytest.raises(UsageError, match="prune is -1"):
        lower_angle(np.ones(2), np.array([0.5]), prune=-1)
