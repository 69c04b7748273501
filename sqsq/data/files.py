"""The published files of the data sets, and how they get here."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from sqsq.errors import DataError


@dataclass(frozen=True)
class DataFile:
    """One file of a data set.

    Attributes:
        name: Its original name.
        sha256: Its checksum.
        url: Where it is published, or None where it is not.
    """

    name: str
    sha256: str
    url: str | None


def cache_directory() -> Path:
    """Where downloads are kept: ``SQSQ_CACHE_DIR``, or the system's cache folder."""
    import pooch

    return Path(os.environ.get("SQSQ_CACHE_DIR") or pooch.os_cache("sqsq"))


def find_file(file: DataFile, data_dir: Path | None, progress: bool = False) -> Path:
    """Return a verified local copy of a file; download it only if no folder is named.

    Args:
        file: Which file.
        data_dir: A folder that holds it under its original name, or None for the cache.
        progress: Whether to show a progress bar while downloading.

    Raises:
        DataError: If it is missing, cannot be downloaded, or has another checksum.
    """
    where = f"published at {file.url}" if file.url else "not published anywhere"
    if data_dir is not None:
        path = data_dir / file.name
        if not path.is_file():
            raise DataError(f"no file {path} ({where})")
        _verify(path, file, where)
        return path
    if file.url is None:
        raise DataError(f"{file.name} is {where}: name the folder that holds it with --data-dir")
    return _download(file, file.url, progress)


def _verify(path: Path, file: DataFile, where: str) -> None:
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != file.sha256:
        raise DataError(
            f"{path} is cut short, changed, or another file: its SHA-256 starts with {found[:12]}, that of "
            f"{file.name} with {file.sha256[:12]} ({where})"
        )


def _download(file: DataFile, url: str, progress: bool) -> Path:
    import pooch
    import requests

    pooch.get_logger().setLevel("WARNING")
    downloader = pooch.HTTPDownloader(progressbar=_ProgressBar(file.name) if progress else False)
    try:
        path = pooch.retrieve(
            url, f"sha256:{file.sha256}", fname=file.name, path=cache_directory(), downloader=downloader
        )
    except (requests.RequestException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(
            f"cannot download {url}: {reason}; put {file.name} into a folder and name it with --data-dir"
        ) from error
    return Path(path)


class _ProgressBar:
    """A bar on stderr with the interface that pooch expects."""

    total: int | None = None

    def __init__(self, name: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

        named = TextColumn("{task.description}", markup=False)
        columns = (named, BarColumn(), DownloadColumn(), TransferSpeedColumn())
        self._progress = Progress(*columns, console=Console(stderr=True))
        self._task = self._progress.add_task(name, total=None)
        self._progress.start()

    def update(self, amount: int) -> None:
        self._progress.update(self._task, total=self.total, advance=amount)

    def reset(self) -> None:
        self._progress.reset(self._task, total=self.total)

    def close(self) -> None:
        self._progress.stop()
