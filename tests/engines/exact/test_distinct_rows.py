import numpy as np
import pytest

from sqsq.engines.exact.distinct_rows import distinct_rows


@pytest.mark.parametrize(("rows", "columns", "values"), [(1, 3, 1), (500, 1, 4), (500, 3, 2), (500, 6, 3)])
def test_as_numpy_finds_them(rows, columns, values):
    table = np.random.default_rng(rows + columns).integers(-values, values, (rows, columns)) / 3
    expected, expected_which = np.unique(table, axis=0, return_inverse=True)
    found, which = distinct_rows(table)
    assert np.array_equal(found, expected)
    assert np.array_equal(which, expected_which.ravel())
