"""Keys and access tokens never reach a message or a ledger, even where a service echoes them."""

import json
import os
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from urllib.parse import quote, quote_plus

_STARS = "***"
_SHORTEST = 4
"""Characters of a key: what is shorter is none, and would blank letters of ordinary words."""
_SHORTEST_ENCODED = 8
"""Characters of a piece of base64 that is looked for."""

_ACCESS_TOKENS = re.compile(
    r"eyJ[\w-]{6,}(?:\.[\w-]*){0,2}"  # a JSON Web Token, whole or cut off
    r"|(?<=\bbearer )\s*\S+"
    r"|(?<=\bapikey )\s*[\w.~+/=-]{16,}",
    re.IGNORECASE,
)
_FIELDS = re.compile(
    r"""((?:api_?key|access_token|refresh_token)\\?["']?\s*[=:]\s*\\?["']?)[^\s"'&,;}\\]+""", re.IGNORECASE
)

_in_use: set[str] = set()


def remember_secret(secret: str) -> None:
    """Blank a secret in every message from now on."""
    _in_use.add(secret)


def without_secrets(text: str) -> str:
    """The text with stars in place of every key in use and every access token.

    Keys are those that were remembered and the one in ``QISKIT_IBM_TOKEN``, as they are, quoted for a
    URL, JSON or HTML, in hexadecimal digits, or within base64.
    """
    for secret in sorted({*_in_use, os.environ.get("QISKIT_IBM_TOKEN", "").strip()}, key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            text = _pattern(secret).sub(_STARS, text)
    return _FIELDS.sub(rf"\1{_STARS}", _ACCESS_TOKENS.sub(_STARS, text))


@lru_cache(maxsize=64)
def _pattern(secret: str) -> re.Pattern[str]:
    raw = secret.encode(errors="surrogateescape")
    plain = {
        secret,
        quote(raw, safe=""),
        quote_plus(raw),
        json.dumps(secret)[1:-1],
        escape(secret),
        raw.hex(),
    }
    forms = [f"(?i:{re.escape(form)})" for form in sorted(plain, key=len, reverse=True)]
    return re.compile("|".join([*forms, *map(re.escape, _within_base64(raw))]))


def _within_base64(secret: bytes) -> Iterator[str]:
    """What base64 makes of a secret wherever it starts, without the ends that its neighbours change."""
    for before in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            encoded = encode(bytes(before) + secret).decode().rstrip("=")
            end = -1 if (before + len(secret)) % 3 else None
            piece = encoded[(0, 2, 3)[before] : end]
            if len(piece) >= _SHORTEST_ENCODED:
                yield piece
