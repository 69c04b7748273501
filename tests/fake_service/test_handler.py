"""What the service on this machine answers to."""

import gzip
import http.client
from urllib.parse import urlparse

import pytest

from sqsq.fake_service import handler


def answer(fake_service, method="GET", path="/identity/token", body=None, **headers):
    connection = http.client.HTTPConnection(
        "127.0.0.1", urlparse(fake_service.environment()["QISKIT_IBM_URL"]).port, timeout=10
    )
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    reply = connection.getresponse()
    return reply.status, reply.read().decode()


@pytest.mark.parametrize(
    ("host", "status"), [("localhost:1", 401), ("127.0.0.1", 401), ("evil.example", 403)]
)
def test_other_hosts_are_refused(fake_service, host, status):
    assert answer(fake_service, path="/x", Host=host)[0] == status


@pytest.mark.parametrize("length", ["-1", "many", str(handler.MOST_BYTES + 1)])
def test_lengths_that_cannot_be(fake_service, length):
    assert answer(fake_service, "POST", "/x", Content_Length=length)[0] == 413


def test_what_is_packed_is_small_unpacked(fake_service, monkeypatch):
    monkeypatch.setattr(handler, "MOST_BYTES", 1_000)
    small, large = (gzip.compress(bytes(size)) for size in (900, 2_000))
    assert answer(fake_service, "POST", "/x", small, Content_Encoding="gzip")[0] == 401
    assert answer(fake_service, "POST", "/x", large, Content_Encoding="gzip")[0] == 413
