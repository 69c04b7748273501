"""A service that repeats keys and access tokens in what it says."""

import time

import numpy as np
import pytest

from sqsq.engines import BackendChoice, open_hardware
from sqsq.errors import BackendError
from sqsq.fake_service import TOKEN
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, Template

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjE3NjQwNzM2MDB9.c2lnbmF0dXJl"


def test_the_reason_of_a_failed_job(fake_service):
    fake_service.fail_next.append(f"no {TOKEN} and\nno {JWT} either")
    engine = open_hardware(BackendChoice("ibm_brisbane"))
    template = Template(Neuron(), 2)
    phi, theta = np.zeros((1, *template.phi_shape)), np.zeros((1, *template.theta_shape))
    job = engine.submit(EvaluationTable(template, phi, theta, 3, ("x", 0)), "tag")
    while (report := engine.report(job)).state not in ("failed", "done"):
        time.sleep(0.05)
    assert report.state == "failed"
    assert "no *** and no *** either" in report.reason


def test_a_refusal_of_the_key(fake_service, monkeypatch):
    monkeypatch.setattr(
        "sqsq.fake_service.handler._error", lambda status, message: (status, f"{TOKEN} {JWT}")
    )
    monkeypatch.setenv("QISKIT_IBM_INSTANCE", "crn:v1:bluemix:public:quantum-computing:us-east:a/x:y::")
    with pytest.raises(BackendError) as refusal:
        open_hardware(BackendChoice("ibm_brisbane"))
    for secret in (TOKEN, JWT):
        assert secret not in str(refusal.value)
