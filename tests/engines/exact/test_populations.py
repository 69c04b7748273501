import numpy as np
import pytest

from sqsq.engines.exact.populations import with_populations


@pytest.mark.parametrize("qubits", [0, 1, 2, 3])
def test_the_same_maps_on_other_vectors(qubits):
    one = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0.5, 0, 0, -0.5]])
    change = np.eye(1)
    for _ in range(qubits):
        change = np.kron(change, one)
    bank = np.random.default_rng(0).normal(size=(2, 3, 4**qubits, 4**qubits))
    before = bank.copy()
    assert with_populations(bank) == pytest.approx(change @ bank @ np.linalg.inv(change))
    assert np.array_equal(bank, before)
