"""The 8x8 digits that come with scikit-learn: 1797 images, always at hand."""

from importlib.metadata import PackageNotFoundError, distribution

import numpy as np

from sqsq.data.dataset import Dataset, Split
from sqsq.errors import DataError

_FILE = "sklearn/datasets/data/digits.csv.gz"
_BRIGHTEST = 16.0
_TEST_SHARE = 3
"""Every third image of a digit is a test image."""


def load_digits() -> Dataset:
    """Load the bundled digits; the split into training and test images is always the same.

    The file is read where scikit-learn keeps it: importing scikit-learn would take seconds.

    Raises:
        DataError: If it is not there, or holds something else.
    """
    try:
        table = np.loadtxt(str(distribution("scikit-learn").locate_file(_FILE)), delimiter=",")
    except (PackageNotFoundError, OSError, ValueError) as error:
        raise DataError(f"the digits that come with scikit-learn cannot be read: {error}") from error
    if table.shape != (1797, 65):
        raise DataError(f"the digits that come with scikit-learn have shape {table.shape}, not (1797, 65)")
    pixels, labels = table[:, :-1], table[:, -1]
    everything = Split(pixels / _BRIGHTEST, labels.astype(np.intp))
    test = np.zeros(len(everything), bool)
    for digit in range(10):
        test[np.flatnonzero(labels == digit)[::_TEST_SHARE]] = True
    return Dataset("digits", everything.select(~test), everything.select(test))
