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


@pytest.fixture(autouse=True)
def no_account(monkeypatch):
    """Tests know no account but the one they set up."""
    for name in ("TOKEN", "INSTANCE", "CHANNEL", "URL"):
        monkeypatch.delenv(f"QISKIT_IBM_{name}", raising=False)
    monkeypatch.setattr(
        "qiskit_ibm_runtime.accounts.management._DEFAULT_ACCOUNT_CONFIG_JSON_FILE", "/nowhere/qiskit-ibm.json"
    )


@pytest.fixture
def loopback(monkeypatch):
    """An IBM Quantum service on this machine; the real client talks to it."""
    from sqsq.loopback import Loopback

    with Loopback() as service:
        for name, value in service.environment().items():
            monkeypatch.setenv(name, value)
        yield service
