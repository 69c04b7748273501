"""A user's own examples, from arrays and from files."""

import numpy as np
import pytest

from sqsq.data import DirectCode, choose_classes, dataset_from_arrays, read_arrays
from sqsq.errors import DataError, UsageError

RNG = np.random.default_rng(0)
X = RNG.random((20, 6))
Y = np.repeat(["cat", "dog"], 10)


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (Y, ("cat", "dog")),
        (Y.tolist(), ("cat", "dog")),
        (Y.astype(object), ("cat", "dog")),
        (np.repeat([7, -3], 10), ("-3", "7")),
        (np.repeat([True, False], 10), ("False", "True")),
        (np.repeat([1.0, 7.0], 10), ("1", "7")),
    ],
)
def test_labels_of_any_kind(labels, names):
    data = dataset_from_arrays(X, labels)
    assert data.classes == names
    assert len(data.train) == 16
    assert np.bincount(data.test.labels).tolist() == [2, 2]


def test_the_examples_that_are_held_out_are_always_the_same():
    first, second = (dataset_from_arrays(X, Y) for _ in range(2))
    assert first.digest == second.digest
    rows = {tuple(row) for row in np.concatenate([first.train.images, first.test.images])}
    assert rows == {tuple(row) for row in X}
    assert dataset_from_arrays(X + 0.0, Y[::-1]).digest != first.digest


def test_examples_to_test_on():
    data = dataset_from_arrays(X, Y, X[:3], ["dog", "cat", "dog"])
    assert data.test.labels.tolist() == [1, 0, 1]
    assert len(data.train) == 20
    assert choose_classes(data, ("dog", "cat")).test.labels.tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"y": Y[:19]}, r"y has shape \(19,\): must be \(20,\)"),
        ({"y": ["cat"] * 20}, "y holds one class only, 'cat'"),
        ({"y": [None] * 20}, "labels of dtype object, such as None"),
        ({"y": np.full(20, np.nan)}, "labels of dtype float64"),
        ({"y": [*["cat"] * 19, "dog"]}, "class dog has one example"),
        ({"x": X * 255}, r"divide pixels by the brightest"),
        ({"x_test": X}, "y_test is missing"),
        ({"y_test": Y}, "x_test is missing"),
        ({"x_test": X, "y_test": ["cow"] * 20}, "y_test has the class 'cow', which y has not: cat, dog"),
        ({"x_test": X, "y_test": np.zeros(20, int)}, "y_test has the class 0, which y has not"),
        ({"x_test": X[:, :3], "y_test": Y}, "trains on 6 pixels, tests on 3"),
    ],
)
def test_what_is_no_data_set(arrays, message):
    with pytest.raises(UsageError, match=message):
        dataset_from_arrays(**{"x": X, "y": Y, **arrays})


def test_files(tmp_path):
    path = tmp_path / "data.npz"
    np.savez(path, x=X, y=Y)
    assert read_arrays(path).digest == dataset_from_arrays(X, Y).digest
    np.savez(path, x=X)
    with pytest.raises(DataError, match="holds no array y"):
        read_arrays(path)
    np.savez(path, x=X, y=Y[:3])
    with pytest.raises(DataError, match=r"data\.npz: y has shape"):
        read_arrays(path)
    np.savez(path, x=X, y=np.array([{}] * 20))
    with pytest.raises(DataError, match="is damaged, or no"):
        read_arrays(path)
    path.write_bytes(b"PK?")
    with pytest.raises(DataError, match="is damaged"):
        read_arrays(path)
    with pytest.raises(DataError, match="no data file"):
        read_arrays(tmp_path / "other.npz")


def test_spike_trains():
    trains = RNG.integers(2, size=(20, 5, 3))
    data = dataset_from_arrays(trains, Y, encoder=DirectCode())
    assert data.train.images.shape == (16, 5, 3)
    assert data.pixels == 3


def test_classes_by_name():
    data = dataset_from_arrays(X, Y)
    assert choose_classes(data, ()).classes == ("cat", "dog")
    with pytest.raises(DataError, match=r"no class 'dgo' \(did you mean dog\?\): it has cat, dog"):
        choose_classes(data, ("cat", "dgo"))
    for names in (("cat",), ("cat", "cat")):
        with pytest.raises(UsageError, match="different"):
            choose_classes(data, names)
