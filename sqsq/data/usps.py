"""USPS handwritten digits, 16x16, 7291 training and 2007 test images, in both published variants."""

from pathlib import Path

import numpy as np

from sqsq.data.dataset import Dataset, Split
from sqsq.data.files import DataFile, find_file

_STATISTICAL_LEARNING = "https://hastie.su.domains/ElemStatLearn/datasets"
_LIBSVM = "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass"

_LIBSVM_TEST = DataFile(
    "usps.t.bz2",
    "a9c0164e797d60142a50604917f0baa604f326e9a689698763793fa5d12ffc4e",
    f"{_LIBSVM}/usps.t.bz2",
)

USPS_FILES = {
    "usps": (
        DataFile(
            "zip.train.gz",
            "66ebf231ab51f2cf6ac1a892d0f98ccffee1079d7a5db638c1f11f366046ca16",
            f"{_STATISTICAL_LEARNING}/zip.train.gz",
        ),
        DataFile(
            "zip.test.gz",
            "8dacc3c6e136af6c3488de9e5113a7daf140c8c2f1f0b61c54ee02f03f1a962f",
            f"{_STATISTICAL_LEARNING}/zip.test.gz",
        ),
    ),
    "usps-libsvm": (
        DataFile(
            "usps.bz2",
            "3771e9dd6ba685185f89867b6e249233dd74652389f263963b3b741e994b034f",
            f"{_LIBSVM}/usps.bz2",
        ),
        _LIBSVM_TEST,
    ),
    "usps-libsvm-rebuilt": (
        DataFile(
            "usps.rebuilt.bz2",
            "caec874fbcdcd11751576c8579376130f7555dd1ce150bc52e7a9727e4172409",
            None,
        ),
        _LIBSVM_TEST,
    ),
}
"""The training and the test file of each variant."""


def load_usps(name: str, data_dir: Path | None, progress: bool = False) -> Dataset:
    """Load a variant of USPS.

    ``usps`` are the files of The Elements of Statistical Learning (raw, labels 0-9), ``usps-libsvm``
    those of libsvm (smoothed; digit d is labelled d + 1, which is undone here), and
    ``usps-libsvm-rebuilt`` has libsvm's training file computed anew from the raw one.

    Raises:
        DataError: If a file is missing or not the published one.
    """
    read = _read_zip if name == "usps" else _read_libsvm
    train, test = (read(find_file(file, data_dir, progress)) for file in USPS_FILES[name])
    return Dataset(name, train, test)


def _read_zip(path: Path) -> Split:
    table = np.loadtxt(path)
    return Split((table[:, 1:] + 1) / 2, table[:, 0].astype(np.intp))


def _read_libsvm(path: Path) -> Split:
    from sklearn.datasets import load_svmlight_file

    pixels, labels = load_svmlight_file(str(path), n_features=256)
    return Split((pixels.toarray() + 1) / 2, labels.astype(np.intp) - 1)
