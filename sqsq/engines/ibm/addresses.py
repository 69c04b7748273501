"""Addresses that keys may be sent to: encrypted ones, and this machine."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from sqsq.errors import BackendError

_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")


def check_address(url: str, name: str) -> None:
    """Refuse an address to which a key must not be sent.

    Args:
        url: The address.
        name: What is to be said that it is: a variable, and where it was found.

    Raises:
        BackendError: If it is neither ``https://`` nor ``http://`` to a loopback address, holds a user or
            a password, or can be read in more than one way.
    """
    parts = _parts(url)
    if parts is None:
        why = "is not a plain address"
    elif parts[0] not in ("https", "http"):
        why = f"has the scheme {parts[0]!r}" if parts[0] else "has no scheme"
    elif parts[0] == "http" and not _is_loopback(parts[1]):
        why = "would send the key unencrypted"
    else:
        return
    shown = re.sub("[^/]*@", "***@", url)
    raise BackendError(
        f"{name} is {shown!r}, which {why}: give https://..., or http:// to this machine "
        "(localhost, 127.0.0.0/8 or [::1]), without user, password, query or fragment"
    )


def _parts(url: str) -> tuple[str, str] | None:
    """Scheme and host, or None where programs may disagree on them."""
    if re.search(r"[^!-~]|[\\?#@]", url):
        return None
    try:
        split = urlsplit(url)
        host, _ = split.hostname or "", split.port
    except ValueError:
        return None
    if split.scheme in ("http", "https") and not (_NAME.fullmatch(host) or _is_address(host)):
        return None
    return split.scheme, host


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return "%" not in host


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)
