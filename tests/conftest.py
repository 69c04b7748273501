"""What many tests share."""

import signal
from pathlib import Path
from types import SimpleNamespace

import pytest


def pytest_configure(config):
    """Say what the mark of this file means."""
    config.addinivalue_line(
        "markers", "matrix(keep): of the cases of a test, so many are not slow, spread over all of them"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark the cases of a matrix as slow, but for some of each kind."""
    matrices = {}
    for item in items:
        if item.get_closest_marker("matrix") is not None:
            matrices.setdefault((item.path, item.originalname), []).append(item)
    for cases in matrices.values():
        keep = min(cases[0].get_closest_marker("matrix").kwargs["keep"], len(cases))
        kept = {round(k * len(cases) / keep) for k in range(keep)}
        for number, item in enumerate(cases):
            if number not in kept:
                item.add_marker("slow")


PYTHONS_OWN = {signal.SIGPIPE, signal.SIGXFSZ}
"""What Python ignores; ``subprocess`` gives these back to what it starts."""
SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def usps_dir():
    """The folder of the real USPS files."""
    folder = SHARED_DATA / "usps"
    if not (folder / "zip.train.gz").is_file():
        pytest.skip(f"the USPS files are not in {folder}")
    return folder


@pytest.fixture(autouse=True, scope="session")
def usual_signals():
    """What tests start gets no signal ignored or blocked, whatever pytest itself was started with.

    Unlike "ignore", a handler is not handed on to a program that is started, and one that does nothing leaves
    pytest itself as deaf as it was, in the background or under nohup. Processes that only hand out tests to
    others run no fixture, so that these inherit what there is.
    """
    for number in signal.valid_signals() - PYTHONS_OWN:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


@pytest.fixture(autouse=True, scope="session")
def quick_client():
    """The client does not look for who called it, nor wait between its own tries.

    It looks at every request, for a header of statistics, and reads the source of every frame: 50 ms, ten
    times what the request takes. What sqsq waits for itself is its ``Patience``.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("qiskit_ibm_runtime.api.session.inspect", SimpleNamespace(stack=list))
        patch.setattr(
            "qiskit_ibm_runtime.api.session.PostForcelistRetry.sleep", lambda retry, response=None: None
        )
        yield


@pytest.fixture(autouse=True)
def no_account(monkeypatch):
    """Tests know no account but the one they set up."""
    for name in ("TOKEN", "INSTANCE", "CHANNEL", "URL"):
        monkeypatch.delenv(f"QISKIT_IBM_{name}", raising=False)
    monkeypatch.setattr(
        "qiskit_ibm_runtime.accounts.management._DEFAULT_ACCOUNT_CONFIG_JSON_FILE", "/nowhere/qiskit-ibm.json"
    )


@pytest.fixture
def fake_service(monkeypatch):
    """An IBM Quantum service on this machine; the real client talks to it."""
    from sqsq.fake_service import FakeService

    with FakeService() as service:
        for name, value in service.environment().items():
            monkeypatch.setenv(name, value)
        yield service
