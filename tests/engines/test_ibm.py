"""Hardware through the real client: what is said when it cannot be had."""

import json
import subprocess
import sys

import pytest

from sqsq.engines import BackendChoice, Placement, TemporaryError, open_hardware
from sqsq.errors import BackendError
from sqsq.fake_service import TOKEN, Fault
from sqsq.fake_service.service import INSTANCE
from sqsq.jobs import Patience, open_backend
from sqsq.model import Neuron
from sqsq.tables import Template

CHOICE = BackendChoice("ibm_brisbane")


def test_no_credentials(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BackendError, match="no IBM Quantum credentials found: set QISKIT_IBM_TOKEN"):
        open_hardware(CHOICE)


def test_credentials_refused(fake_service, monkeypatch):
    monkeypatch.setenv("QISKIT_IBM_TOKEN", "a-wrong-token")
    with pytest.raises(BackendError, match="refused the credentials") as failure:
        open_hardware(CHOICE)
    assert "a-wrong-token" not in str(failure.value)


def test_a_retired_device(fake_service):
    fake_service.devices = {"ibm_boston": fake_service.devices["ibm_brisbane"]}
    with pytest.raises(
        BackendError,
        match=r"does not offer ibm_brisbane: it offers ibm_boston \(4 jobs waiting\); the noise of its last "
        r"calibration is --backend fake_brisbane",
    ):
        open_hardware(CHOICE)


def test_a_device_that_never_was(fake_service):
    with pytest.raises(
        BackendError, match=r"does not offer ibm_nowhere: it offers ibm_brisbane \(4"
    ) as failure:
        open_hardware(BackendChoice("ibm_nowhere"))
    assert "fake_" not in str(failure.value)


@pytest.mark.parametrize("lacking", ["reset", "if_else"])
def test_a_device_without_dynamic_circuits(fake_service, lacking):
    fake_service.lacking = (lacking,)
    with pytest.raises(BackendError, match="ibm_brisbane runs no dynamic circuits"):
        open_hardware(CHOICE)


def test_an_instance_out_of_time(fake_service):
    fake_service.usage_limit_reached = True
    with pytest.raises(BackendError, match=r"has used 600 of its 600 QPU seconds: wait .*--instance"):
        open_hardware(CHOICE)


def test_an_instance_by_name(fake_service, monkeypatch):
    monkeypatch.delenv("QISKIT_IBM_INSTANCE")
    assert open_hardware(BackendChoice("ibm_brisbane", instance=INSTANCE)).name == "ibm_brisbane"
    with pytest.raises(BackendError, match=r"logging in to IBM Quantum: .*no such instance"):
        open_hardware(BackendChoice("ibm_brisbane", instance="no such instance"))


def test_nobody_answers(monkeypatch):
    for name in ("QISKIT_IBM_URL", "IAM_URL", "GLOBAL_SEARCH_URL", "GLOBAL_CATALOG_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("QISKIT_IBM_TOKEN", TOKEN)
    monkeypatch.setenv("QISKIT_IBM_INSTANCE", INSTANCE)
    with pytest.raises(TemporaryError, match="logging in to IBM Quantum: no answer") as failure:
        open_hardware(CHOICE)
    assert TOKEN not in str(failure.value)


def test_the_groups_of_a_run_stay(fake_service):
    template = Template(Neuron(), 2)
    first = open_hardware(BackendChoice("ibm_brisbane", placement=Placement(pack=3)))
    first.prepare(template)
    second = open_hardware(BackendChoice("ibm_brisbane", placement=Placement(pack=3)))
    second.choices = {key: value[::-1] for key, value in first.choices.items() if key.startswith("groups")}
    assert second.groups(template) == first.groups(template)[::-1]
    assert second.identity(template, 3) != first.identity(template, 3)


def test_importing_sqsq_asks_no_network_and_loads_no_client():
    code = "import sys, sqsq.cli.main; sys.exit('qiskit_ibm_runtime' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_account_without_devices(fake_service):
    """The client cannot tell it from a listing that failed, so it is tried again for a while."""
    fake_service.devices = {}
    with pytest.raises(TemporaryError, match="lists no device"):
        open_hardware(CHOICE)
    patience = Patience(first_wait=0.01, first_contact=0.05)
    with pytest.raises(BackendError, match=r"lists no device for this account \(tried for"):
        open_backend(CHOICE, patience)


def test_logging_in_is_tried_again(fake_service):
    fake_service.faults.append(Fault("POST", "identity/token", times=2, status=429))
    fake_service.faults.append(Fault("GET", "/backends$", times=1, drop="before"))
    fake_service.faults.append(Fault("GET", "/usage", times=1, status=503))
    assert open_backend(CHOICE, Patience(first_wait=0.01)).name == "ibm_brisbane"


def test_a_saved_account_comes_last(fake_service, monkeypatch, tmp_path):
    saved = tmp_path / "qiskit-ibm.json"
    account = {
        "channel": "ibm_quantum_platform",
        "instance": INSTANCE,
        "token": TOKEN,
        "url": fake_service.environment()["QISKIT_IBM_URL"],
    }
    saved.write_text(json.dumps({"default-ibm-quantum-platform": account}))
    monkeypatch.setattr(
        "qiskit_ibm_runtime.accounts.management._DEFAULT_ACCOUNT_CONFIG_JSON_FILE", str(saved)
    )
    for name in ("TOKEN", "INSTANCE", "CHANNEL", "URL"):
        monkeypatch.delenv(f"QISKIT_IBM_{name}")
    monkeypatch.chdir(tmp_path)
    assert open_hardware(CHOICE).name == "ibm_brisbane"
