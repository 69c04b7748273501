"""The oracle itself, against matrix exponentials and the laws of probability."""

import numpy as np
import pytest
from scipy.linalg import expm

from tests import oracle


@pytest.mark.parametrize(("kind", "factor"), [("rx", 0.5), ("crx", 0.5), ("xy", 1.0)])
def test_exponentials(kind, factor):
    arguments = (3, 2, 0) if kind != "rx" else (3, 1)
    exact = expm(-1j * factor * 0.83 * oracle.generator(kind, *arguments))
    assert np.allclose(getattr(oracle, kind)(*arguments, 0.83), exact)


def test_partial_swap_in_its_own_words():
    """|01> -> cos |01> - i sin |10>, |00> and |11> stay."""
    unitary = oracle.xy(2, 0, 1, 0.6)
    assert unitary[:, 1] == pytest.approx([0, np.cos(0.6), -1j * np.sin(0.6), 0])
    assert unitary[0, 0] == unitary[3, 3] == pytest.approx(1)


@pytest.mark.parametrize("ansatz", oracle.ENTANGLERS)
def test_joint_distributions_are_distributions(ansatz):
    rng = np.random.default_rng(0)
    distribution = oracle.joint(ansatz, 2, 1, rng.uniform(0, 3, (2, 2)), rng.uniform(-2, 2, (2, 5)))
    assert distribution.shape == (2, 2, 2, 2)
    assert distribution.min() >= 0
    assert distribution.sum() == pytest.approx(1)
