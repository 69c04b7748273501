"""What can go wrong between a client and the service."""

import re
import threading
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

PAGE = "<!DOCTYPE html><html><body>The service is being maintained.</body></html>"
"""What a proxy may say in place of the service."""


@dataclass
class Fault:
    """Something that goes wrong with requests that match.

    Attributes:
        method: GET, POST, ...; empty for any.
        path: A regular expression for the path.
        times: How often it still happens.
        status: Answer with this code instead of carrying the request out.
        drop: Reset the connection, ``before`` or ``after`` the request is carried out.
        reply: Answer with this text and status 200, before or after the request is carried out.
        carried_out: Whether it is carried out before that reply.
        reply_after: Seconds between carrying a request out and resetting the connection.
        skip: How many matching requests still pass first.
    """

    method: str = ""
    path: str = ""
    times: int = 1
    status: int | None = None
    drop: Literal["before", "after"] | None = None
    reply: str | None = None
    carried_out: bool = False
    reply_after: float = 0.0
    skip: int = 0

    def strikes(self, method: str, path: str) -> bool:
        """Whether it happens to this request; if so, it is used up once."""
        if self.times < 1 or self.method not in ("", method) or not re.search(self.path, path):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass
class RandomFaults:
    """Faults of every kind, at random.

    Attributes:
        rate: The share of requests that go wrong.
        seed: Of the random numbers.
        count: How many there were so far.
    """

    rate: float
    seed: int = 0
    count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng(self.seed)

    def next(self) -> Fault | None:
        """What goes wrong with the next request, or None."""
        with self._lock:
            if self._rng.random() >= self.rate:
                return None
            self.count += 1
            kinds = (
                Fault(status=429),
                Fault(status=500),
                Fault(status=503),
                Fault(drop="before"),
                Fault(drop="after"),
                Fault(reply=PAGE),
                Fault(reply=PAGE, carried_out=True),
                Fault(reply="{}"),
                Fault(reply='{"jobs": 3, "state": [], "usage": "?", "id": null}', carried_out=True),
            )
            return kinds[self._rng.integers(len(kinds))]
