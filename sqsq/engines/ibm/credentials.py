"""Key, address and instance: all from one place."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqsq.engines.ibm.addresses import check_address
from sqsq.engines.ibm.key_files import assignments, find_upwards, read_own_file
from sqsq.errors import BackendError
from sqsq.redaction import remember_secret

_WHERE = (
    "set QISKIT_IBM_TOKEN and QISKIT_IBM_INSTANCE in the environment or in a .env file (see .env.example), "
    "or save an account with qiskit_ibm_runtime.QiskitRuntimeService.save_account"
)
_OTHERS = ("QISKIT_IBM_URL", "QISKIT_IBM_INSTANCE", "QISKIT_IBM_CHANNEL")
_SERVICES = ("global_search", "global_catalog")
"""What the client asks besides the service itself, by the names in its own variables and files."""
_CHANNELS = ("ibm_quantum_platform", "ibm_cloud")
"""Those that lead to devices; the client's ``local`` one simulates."""
_CRN = re.compile(r"crn(:[\w-]*){4}:[a-z0-9-]+:\S*")
"""Its sixth field, the region, becomes part of the address that the client asks."""


@dataclass(frozen=True)
class Credentials:
    """What one source says; nothing of it comes from another.

    Attributes:
        token: The key; None where the client reads the whole account itself, from its own file.
        url: Where the service is, or None for IBM Quantum.
        instance: The instance, or None for any of the account.
        channel: The channel.
    """

    token: str | None = field(repr=False)
    url: str | None
    instance: str | None
    channel: str | None

    def arguments(self, instance: str | None) -> dict[str, Any]:
        """What ``QiskitRuntimeService`` is given, with another instance if one is named.

        Raises:
            BackendError: If the instance is a CRN that cannot be read.
        """
        chosen = instance or self.instance
        if chosen and chosen.startswith("crn:") and not _CRN.fullmatch(chosen):
            raise BackendError(
                f"instance {chosen!r} is not a CRN of an instance: copy it from https://quantum.cloud.ibm.com"
            )
        given = {"token": self.token, "url": self.url, "channel": self.channel, "instance": chosen}
        return {name: value for name, value in given.items() if value}


def find_credentials() -> Credentials:
    """The key, its address and its instance: the environment's, or ``.env``'s, or the saved account's.

    ``.env`` is the first such file in the working directory or above it. The file in use is named on
    stderr, once a process. The environment is left as it is. The key is blanked in every message from
    now on.

    Raises:
        BackendError: If there is no key; if a file with keys is another user's, can be written to by
            others, or cannot be read; or if a key would be sent unencrypted to another machine.
    """
    check_client_addresses()
    if os.environ.get("QISKIT_IBM_TOKEN"):
        return _checked(os.environ, "the environment")
    path = find_upwards(".env")
    if path is not None:
        said = assignments(read_own_file(path))
        if "QISKIT_IBM_TOKEN" in said:
            _name_source(str(path))
            return _checked(said, str(path))
    return _saved_account()


def check_client_addresses() -> None:
    """Check the addresses that the client takes from places of its own.

    Raises:
        BackendError: If a key or an access token would be sent there unencrypted, or another user says
            where.
    """
    from ibm_cloud_sdk_core.utils import read_external_sources

    if os.environ.get("IAM_URL"):
        check_address(os.environ["IAM_URL"], "IAM_URL")
    named = os.environ.get("IBM_CREDENTIALS_FILE")
    name = "ibm-credentials.env"
    files = [Path(named)] if named is not None else [_working_directory() / name, Path.home() / name]
    path = next((each for each in files if each.is_file()), None)
    if path is not None:
        read_own_file(path)
    for service in _SERVICES:
        url = read_external_sources(service).get("URL")
        if url:
            check_address(url, f"{service.upper()}_URL")


def _working_directory() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise BackendError("the working directory was removed: go to another one") from None


def _checked(said: Mapping[str, str], source: str) -> Credentials:
    token, *others = (said.get(name, "").strip() for name in ("QISKIT_IBM_TOKEN", *_OTHERS))
    _check_token(token, f"QISKIT_IBM_TOKEN of {source}")
    url, instance, channel = (other or None for other in others)
    if url is not None:
        check_address(url, f"QISKIT_IBM_URL of {source}")
    if channel is not None and channel not in _CHANNELS:
        raise BackendError(
            f"QISKIT_IBM_CHANNEL of {source} is {channel!r}: allowed are {', '.join(_CHANNELS)}"
        )
    return Credentials(token, url, instance, channel)


def _saved_account() -> Credentials:
    """The account that Qiskit saved; the client reads it itself, with its proxies and preferences."""
    from qiskit_ibm_runtime.accounts import management
    from qiskit_ibm_runtime.accounts.exceptions import AccountNotFoundError, AccountsError

    path = Path(management._DEFAULT_ACCOUNT_CONFIG_JSON_FILE)
    if not path.exists():
        raise BackendError(f"no IBM Quantum credentials found: {_WHERE}")
    read_own_file(path)
    try:
        account = management.AccountManager.get()
        _check_token(account.token, f"the token in {path}")
        account.validate()
        url: str = account.url
    except AccountNotFoundError:
        raise BackendError(f"no IBM Quantum credentials found: {_WHERE}") from None
    except (AccountsError, ValueError, KeyError, TypeError, AttributeError):
        raise BackendError(f"{path} does not hold an account that can be used: save yours again") from None
    check_address(url, f"the URL in {path}")
    _name_source(str(path))
    return Credentials(None, None, None, None)


def _check_token(token: Any, name: str) -> None:
    """Refuse what cannot be sent in a header, and blank the rest from now on."""
    if not isinstance(token, str) or not re.fullmatch("[!-~]+", token):
        raise BackendError(f"{name} is not an API key: one word of printable ASCII characters")
    remember_secret(token)


@lru_cache
def _name_source(source: str) -> None:
    ignored = [name for name in _OTHERS if os.environ.get(name)]
    without = f" ({', '.join(ignored)} of the environment, which has no key, not used)" if ignored else ""
    if sys.stderr is not None:
        print(f"sqsq: IBM Quantum credentials from {source}{without}", file=sys.stderr)
