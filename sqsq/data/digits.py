"""The 8x8 digits that come with scikit-learn: 1797 images, always at hand."""

import numpy as np

from sqsq.data.dataset import Dataset, Split

_BRIGHTEST = 16.0
_TEST_SHARE = 3
"""Every third image of a digit is a test image."""


def load_digits() -> Dataset:
    """Load the bundled digits; the split into training and test images is always the same."""
    from sklearn.datasets import load_digits as load

    pixels, labels = load(return_X_y=True)
    everything = Split(pixels / _BRIGHTEST, labels.astype(np.intp))
    test = np.zeros(len(everything), bool)
    for digit in range(10):
        test[np.flatnonzero(labels == digit)[::_TEST_SHARE]] = True
    return Dataset("digits", everything.select(~test), everything.select(test))
