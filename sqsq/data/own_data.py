"""A user's own examples: arrays, or a file of arrays, with labels of any kind."""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import shown
from sqsq.data.dataset import Dataset, Split
from sqsq.data.encoders import Encoder, RateCode, check_examples
from sqsq.errors import DataError, UsageError

HELD_OUT = 0.2
"""The share of the examples that test, where none are handed over for that."""
_NAMES = ("x", "y", "x_test", "y_test")


def dataset_from_arrays(
    x: Any,
    y: Any,
    x_test: Any = None,
    y_test: Any = None,
    *,
    encoder: Encoder | None = None,
    name: str = "arrays",
) -> Dataset:
    """A data set of arrays.

    Args:
        x: Examples: values in [0, 1], shape (examples, ...), or for ``DirectCode`` spike trains,
            shape (examples, T, lines).
        y: Their labels: whole numbers, texts or truth values, shape (examples,). Sorted, they number the
            classes.
        x_test: Examples to test on; if None, a fifth of ``x``, drawn by a seed that is always the same and
            no longer trained on.
        y_test: Their labels, which must be among those of ``y``.
        encoder: What the examples are for: ``RateCode()`` if None.
        name: What the data set is called.

    Raises:
        UsageError: If an array is of another shape or range, labels are none, all of one class or unknown,
            or ``x_test`` and ``y_test`` are not both given.
    """
    encoder = encoder or RateCode()
    inputs = check_examples(x, "x", encoder)
    labels = _labels(y, "y", len(inputs))
    classes, numbers = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        raise UsageError(f"y holds one class only, {shown(classes[0].item())}: two or more are told apart")
    names = tuple(str(label) for label in classes.tolist())
    if (x_test is None) != (y_test is None):
        lacking = "x_test" if x_test is None else "y_test"
        raise UsageError(f"{lacking} is missing: x_test and y_test go together")
    if x_test is None:
        return _hold_out(Dataset(name, Split(inputs, numbers), Split(inputs[:0], numbers[:0]), names))
    tests = check_examples(x_test, "x_test", encoder)
    others = _labels(y_test, "y_test", len(tests))
    if others.dtype.kind != labels.dtype.kind or not np.isin(others, classes).all():
        strange = next(each for each in others.tolist() if str(each) not in names)
        raise UsageError(f"y_test has the class {shown(strange)}, which y has not: {', '.join(names[:20])}")
    return Dataset(name, Split(inputs, numbers), Split(tests, np.searchsorted(classes, others)), names)


def read_arrays(path: Path | str, encoder: Encoder | None = None) -> Dataset:
    """Read a data set from an ``.npz`` file with the arrays ``x`` and ``y``, and ``x_test`` and ``y_test``.

    Args:
        path: The file.
        encoder: What the examples are for; see ``dataset_from_arrays``.

    Raises:
        DataError: If there is no such file, it is damaged, or what it holds is no data set.
    """
    path = Path(path)
    arrays = _read(path, _NAMES)
    if lacking := [name for name in _NAMES[:2] if name not in arrays]:
        raise DataError(
            f"{path} holds no array {lacking[0]}: it needs x and y, and may have x_test and y_test"
        )
    try:
        return dataset_from_arrays(**arrays, encoder=encoder, name=path.name)
    except UsageError as error:
        raise DataError(f"{path}: {error}") from error


def read_examples(path: Path | str) -> NDArray[Any]:
    """Read examples without labels: an ``.npy`` file, or the array ``x`` of an ``.npz`` file.

    Raises:
        DataError: If there is no such file, it is damaged, or it holds no array ``x``.
    """
    arrays = _read(Path(path), _NAMES[:1])
    if not arrays:
        raise DataError(f"{path} holds no array x")
    return arrays["x"]


def _read(path: Path, names: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """Those arrays of a file that have the names; the only array of an ``.npy`` file is x."""
    if not os.path.isfile(path):  # False also for names that no file can have
        raise DataError(f"no data file {path}")
    try:
        read = np.load(path, allow_pickle=False)
        if isinstance(read, np.ndarray):
            return {"x": read}
        with read:
            return {name: read[name] for name in names if name in read}
    except Exception as error:  # whatever zipfile, zlib and NumPy make of other bytes
        raise DataError(
            f"{path} is damaged, or no .npy or .npz file of plain arrays: {shown(str(error))}"
        ) from error


def _labels(labels: Any, name: str, examples: int) -> NDArray[Any]:
    """Labels of one kind, whole numbers, texts or truth values, one an example."""
    array = np.asarray(labels)
    if array.ndim != 1 or len(array) != examples:
        raise UsageError(f"{name} has shape {array.shape}: must be ({examples},), a label for each example")
    if array.dtype.kind == "O" and all(isinstance(label, str) for label in array):
        array = array.astype(str)
    if array.dtype.kind == "f" and np.isfinite(array).all() and (array == np.floor(array)).all():
        array = array.astype(np.int64)
    if array.dtype.kind not in "biuU":
        raise UsageError(
            f"{name} has labels of dtype {array.dtype}, such as {shown(array[0])}: must be whole numbers, "
            "texts or truth values"
        )
    return array


def _hold_out(dataset: Dataset) -> Dataset:
    """Test on a share of the training examples of each class."""
    labels = dataset.train.labels
    rng = np.random.default_rng(0)
    test = np.zeros(len(labels), bool)
    for number, label in enumerate(dataset.classes):
        own = rng.permutation(np.flatnonzero(labels == number))
        if len(own) < 2:
            raise UsageError(
                f"class {label} has one example, which cannot both train and test: hand over x_test and "
                "y_test"
            )
        test[own[: max(round(HELD_OUT * len(own)), 1)]] = True
    return Dataset(dataset.name, dataset.train.select(~test), dataset.train.select(test), dataset.classes)
