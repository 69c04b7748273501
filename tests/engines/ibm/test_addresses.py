"""Addresses that keys may be sent to."""

import pytest

from sqsq.engines.ibm.addresses import check_address
from sqsq.errors import BackendError

SAFE = (
    "https://cloud.ibm.com",
    "https://eu-de.quantum.cloud.ibm.com:8443/api/v1",
    "HTTPS://Cloud.IBM.com/",
    "https://10.0.0.1/x",
    "http://localhost:8999/experimental/api/v1",
    "http://LOCALHOST",
    "http://127.0.0.1:1",
    "http://127.255.0.3/",
    "http://[::1]:80/api",
)
UNSAFE = (
    "http://cloud.ibm.com",
    "http://127.0.0.1.evil.com",
    "http://localhost.evil.com",
    "http://evil.com/127.0.0.1",
    "http://localhost@evil.com",
    "http://127.0.0.1:80@evil.com/",
    "http://evil.com\\@127.0.0.1",
    "http://127.0.0.1\\.evil.com",
    "http://evil.com#@127.0.0.1",
    "http://127.0.0.1#.evil.com",
    "http://127.0.0.1?.evil.com",
    "http://127.0.0.1%2eevil.com",
    "http://2130706433",
    "http://0x7f000001",
    "http://0177.0.0.1",
    "http://127.1",
    "http://0.0.0.0",
    "http://128.0.0.1",
    "http://[::1%25evil]",
    "http://[::1",
    "http://[::2]",
    "http://\uff11\uff12\uff17.0.0.1",
    "http://127.0.0.1\n.evil.com",
    "http://127.0.0.1:99999",
    "http://127.0.0.1:port",
    "http:///localhost",
    "http:localhost",
    "http://",
    "https://",
    "https:cloud.ibm.com",
    "https://user:password@cloud.ibm.com",
    "https://cloud.ibm.com\r\nHost: evil.com",
    "https://cl oud.ibm.com",
    "https://-evil.com",
    "ftp://127.0.0.1",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "127.0.0.1:8999",
    "localhost",
    "//127.0.0.1",
    "cloud.ibm.com",
)


@pytest.mark.parametrize("url", SAFE)
def test_addresses_that_may_have_a_key(url):
    check_address(url, "QISKIT_IBM_URL")


@pytest.mark.parametrize("url", UNSAFE)
def test_addresses_that_may_not(url):
    with pytest.raises(BackendError, match=r"^IAM_URL is '.*', which .*: give https://") as refusal:
        check_address(url, "IAM_URL")
    assert "\n" not in str(refusal.value)
    assert refusal.value.exit_code == 3
    assert "password@" not in str(refusal.value)
