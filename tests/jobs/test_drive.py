"""Plans: each request goes to the handler of its type."""

from dataclasses import dataclass

import pytest

from sqsq.engines import open_engine
from sqsq.errors import UsageError
from sqsq.jobs import drive, handle_requests
from sqsq.model import Neuron
from sqsq.tables import IdleAnglesRequest, Usage


@dataclass(frozen=True)
class DoubleRequest:
    number: int


def asking(*requests):
    first = yield requests[0]
    rest = [] if len(requests) == 1 else (yield from asking(*requests[1:]))
    return [first, *rest]


def test_a_request_of_a_new_kind():
    plan = asking(DoubleRequest(4), DoubleRequest(5))
    with pytest.raises(UsageError, match=r"a plan asks for a DoubleRequest: what can be answered is Eval"):
        drive(asking(DoubleRequest(4)), open_engine("exact"))
    handle_requests(DoubleRequest, lambda request, engine: (2 * request.number, Usage(1, 2, 3)))
    assert drive(plan, open_engine("exact")) == ([8, 10], Usage(2, 4, 6))
    with pytest.raises(UsageError, match="requests of type DoubleRequest have a handler already"):
        handle_requests(DoubleRequest, lambda request, engine: (0, Usage()))


def test_angles_without_effect():
    """What io-controlled neurons do to their memory nobody sees, see ``inspect``."""
    kinds = [IdleAnglesRequest(Neuron(ansatz=name)) for name in ("io-controlled", "partial-swap")]
    (of_io, of_swap), usage = drive(asking(*kinds), open_engine("exact"))
    assert usage == Usage()
    assert "mem[0]" in of_io
    assert not of_swap
