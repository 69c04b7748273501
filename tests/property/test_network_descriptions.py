"""Whatever a description of a network holds, it is compiled as it is, or refused in one line."""

import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sqsq.errors import DataError
from sqsq.model import read_network
from tests.cli.in_process import run_command
from tests.property.refusals import EXIT_CODES, check_line, taken_or_refused


def description():
    """A small network with every kind of entry."""
    return {
        "inputs": 2,
        "neurons": [{}, {"io_qubits": 1, "memory_qubits": 1, "ansatz": "io-controlled"}, {}],
        "edges": [
            {"from": 0, "to": 0, "weight": 0.5},
            {"from": 1, "to": 1, "delay": 1, "weight": [0.25]},
            {"from": 2, "to": 2, "delay": 0, "weight": -1},
            {"from": 3, "to": 2, "weight": 2.0},
        ],
        "outputs": [2],
        "theta": [[0.1, 0.2, 0.3], [0, 0, 0], [1, -1, 1e-3]],
        "spikes": [[1, 0], [0, 1]],
    }


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 5),
    st.sampled_from([2**31, 2**63, 2**70, -(2**70), 10**400, 1_000_000, 30_000]),
    st.floats(),
    st.floats(-1, 1),
    st.text(max_size=4),
    st.sampled_from(["", "1", "nan", "partial-swap", "memory-controlled", "\ud800", "\n", "from"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["from", "to", "weight", "delay", "x"]), inner, max_size=3),
    ),
    max_leaves=6,
)


def places(value, path=()):
    """Every place in nested JSON."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


@st.composite
def spoiled(draw):
    """The small network with some places changed, emptied, repeated or added to."""
    content = description()
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(places(content))))
        if not path:
            if draw(st.integers(0, 9)) == 0:
                return draw(VALUES)
            continue
        holder = content
        for key in path[:-1]:
            holder = holder[key]
        what = draw(st.sampled_from(["change", "change", "change", "remove", "repeat", "add"]))
        if what == "change":
            holder[path[-1]] = draw(VALUES)
        elif what == "remove":
            del holder[path[-1]]
        elif what == "repeat" and isinstance(holder, list):
            holder.append(holder[path[-1]])
        elif isinstance(holder, dict):
            holder[draw(st.sampled_from(["weights", "Delay", "comment", ""]))] = draw(VALUES)
        if not isinstance(content, dict):
            return content
    return content


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("networks") / "network.json"


def check_description(path, content):
    """Read it, and see that nothing of it was left out or changed."""
    with taken_or_refused() as outcome:
        described = read_network(path)
    if outcome.refusal is not None:
        return
    network, parameters = described.network, described.parameters
    assert (network.delays >= 0).sum() == len(content["edges"]), "an edge was dropped"
    for edge in content["edges"]:
        assert network.delays[edge["to"], edge["from"]] == edge.get("delay", 0)
        channels = network.neurons[edge["to"]].io_qubits
        own = parameters.weights[edge["to"], edge["from"], :channels]
        np.testing.assert_array_equal(own, np.broadcast_to(edge["weight"], own.shape))
    for i, angles in enumerate(content.get("theta", ())):
        np.testing.assert_array_equal(parameters.theta[i, : len(angles)], angles)
    np.testing.assert_array_equal(described.spikes, content["spikes"])


@given(content=spoiled())
def test_spoiled_descriptions(path, content):
    path.write_text(json.dumps(content))
    check_description(path, content)


@given(content=spoiled())
def test_spoiled_descriptions_are_compiled_or_refused(path, content):
    path.write_text(json.dumps(content))
    said = run_command("compile", "network", str(path), "--format", "qpy")
    assert said.code in EXIT_CODES
    if said.code:
        check_line(said.err.rstrip("\n"))
        assert not said.out


@example(content=b"")
@example(content=b"\xff\xfe{}")
@example(content=b"\xef\xbb\xbf{}")
@example(content=b"[" * 100_000)
@example(content=b'{"inputs": NaN}')
@example(content=b'{"inputs": 1e999}')
@example(content=b'{"inputs": ' + b"9" * 5000 + b"}")
@given(content=st.binary(max_size=100))
def test_files_that_are_no_descriptions(path, content):
    path.write_bytes(content)
    with taken_or_refused() as outcome:
        read_network(path)
    assert isinstance(outcome.refusal, DataError)
