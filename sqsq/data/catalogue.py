"""The data sets that sqsq knows."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqsq.checks import did_you_mean, shown
from sqsq.data.dataset import Dataset
from sqsq.data.digits import load_digits
from sqsq.data.files import DataFile, find_file
from sqsq.data.usps import USPS_FILES, load_usps
from sqsq.errors import DataError, UsageError


@dataclass(frozen=True)
class CatalogueEntry:
    """One data set.

    Attributes:
        name: The name for ``--data``.
        summary: One line about it.
        load: Loads it from a folder with its files (None: downloads them), showing progress or not.
        files: Its files; none for bundled data.
    """

    name: str
    summary: str
    load: Callable[[Path | None, bool], Dataset]
    files: tuple[DataFile, ...] = ()


def _usps(name: str, summary: str) -> CatalogueEntry:
    return CatalogueEntry(name, summary, partial(load_usps, name), USPS_FILES[name])


CATALOGUE = {
    entry.name: entry
    for entry in (
        CatalogueEntry(
            "digits",
            "8x8 digits bundled with scikit-learn, 1797 images",
            lambda data_dir, progress: load_digits(),
        ),
        _usps("usps", "USPS 16x16 digits, raw (Elements of Statistical Learning)"),
        _usps("usps-libsvm", "USPS 16x16 digits, smoothed (libsvm)"),
        _usps(
            "usps-libsvm-rebuilt",
            "usps-libsvm with the training file computed from the raw one (--data-dir only)",
        ),
    )
}


def register_dataset(entry: CatalogueEntry) -> CatalogueEntry:
    """Make a data set available by its name, in this process.

    Raises:
        UsageError: If it is no entry, or another one has the name.
    """
    if not isinstance(entry, CatalogueEntry):
        raise UsageError(f"a data set to register is {shown(entry)}: must be a CatalogueEntry")
    if CATALOGUE.setdefault(entry.name, entry) != entry:
        raise UsageError(f"a data set named {entry.name!r} is registered already: choose another name")
    return entry


def find_entry(name: str) -> CatalogueEntry:
    """Look a data set up.

    Raises:
        UsageError: If there is none of this name.
    """
    if name not in CATALOGUE:
        meant = did_you_mean(name, CATALOGUE)
        raise UsageError(f"unknown data set {name!r}{meant}: choose from {', '.join(CATALOGUE)}")
    return CATALOGUE[name]


def load_dataset(name: str, data_dir: Path | None = None, progress: bool = False) -> Dataset:
    """Load a data set, downloading it to the cache if no folder is named.

    Args:
        name: A name of the catalogue.
        data_dir: A folder with its files under their original names.
        progress: Whether to show progress while downloading.

    Raises:
        UsageError: If there is no such data set.
        DataError: If a file is missing or not the published one.
    """
    entry = find_entry(name)
    if data_dir is not None and not data_dir.is_dir():
        raise DataError(f"data directory {data_dir} does not exist")
    return entry.load(data_dir, progress)


def fetch_files(name: str, progress: bool = False) -> list[Path]:
    """Download the files of a data set to the cache, those that are there already aside.

    Raises:
        UsageError: If there is no such data set.
        DataError: If a file cannot be downloaded.
    """
    return [find_file(file, None, progress) for file in find_entry(name).files]
