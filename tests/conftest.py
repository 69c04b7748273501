"""What many tests share."""

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def usps_dir():
    """The folder of the real USPS files."""
    folder = SHARED_DATA / "usps"
    if not (folder / "zip.train.gz").is_file():
        pytest.skip(f"the USPS files are not in {folder}")
    return folder
