"""Networks described in JSON: strict, and refused by their size before any work."""

import json

import numpy as np
import pytest

from sqsq.errors import DataError, UsageError
from sqsq.model import read_network

NETWORK = {
    "inputs": 2,
    "neurons": [{}, {"io_qubits": 2}],
    "edges": [
        {"from": 0, "to": 0, "weight": 0.5},
        {"from": 2, "to": 1, "weight": [1, -2], "delay": 1},
    ],
    "outputs": [1],
    "spikes": [[1, 0]],
}


def read(path, **changes):
    path.write_text(json.dumps({**NETWORK, **changes}))
    return read_network(path)


def test_everything_is_kept(tmp_path):
    described = read(tmp_path / "network.json")
    assert described.network.delays.tolist() == [[0, -1, -1, -1], [-1, -1, 1, -1]]
    assert described.parameters.weights[0, 0].tolist() == [0.5, 0]
    assert described.parameters.weights[1, 2].tolist() == [1, -2]
    assert not described.parameters.theta.any()
    assert described.spikes.tolist() == [[1, 0]]
    assert described.spikes.dtype == np.uint8


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"inputs": True}, DataError, "inputs is True: must be a whole number"),
        ({"inputs": 2.0}, DataError, r"inputs is 2\.0: must be a whole number"),
        ({"inputs": "2"}, DataError, "inputs is '2': must be a whole number"),
        ({"inputs": None}, DataError, "inputs is None"),
        ({"inputs": 10**6}, UsageError, "inputs is 1000000: 1 to 10,000 input lines"),
        ({"inputs": 0}, UsageError, "inputs is 0"),
        ({"inputs": 2**70}, DataError, "inputs is 1180591620717411303424: at most"),
        ({"neurons": [{}] * 501}, UsageError, "neurons holds 501 entries: at most 500"),
        ({"neurons": {"io_qubits": 1}}, DataError, "neurons is .*, not a list"),
        ({"neurons": [5]}, DataError, "neuron 0 is 5, not an object"),
        ({"neurons": [{"qubits": 1}]}, DataError, "neuron 0 has 'qubits': its names are io_qubits"),
        ({"neurons": [{"io_qubits": True}]}, UsageError, "neuron 0: io-qubits is True: must be a whole"),
        ({"neurons": [{"ansatz": None}]}, UsageError, "neuron 0: ansatz is None: must be text"),
        ({"edges": [{"from": 0, "to": 0, "weight": True}]}, DataError, "'weight' of edge 0 is True"),
        ({"edges": [{"from": 0, "to": 0, "weight": "1"}]}, DataError, "'weight' of edge 0 is '1'"),
        (
            {"edges": [{"from": 0, "to": 0, "weight": 1e300}]},
            UsageError,
            r"edge 0 is 1e\+300: at most 1e\+09",
        ),
        ({"edges": [{"from": 0, "to": 0, "weight": [[1]]}]}, DataError, "'weight' of edge 0 is"),
        ({"edges": [{"from": 0, "to": 0, "weight": [1, 2]}]}, UsageError, "edge 0 has 2 numbers: one, or 1"),
        (
            {"edges": [{"from": 0, "to": 0, "weight": 1, "delay": -1}]},
            UsageError,
            "'delay' of edge 0 is -1: 0",
        ),
        (
            {"edges": [{"from": 0, "to": 0, "weight": 1, "delay": 300}]},
            UsageError,
            "'delay' of edge 0 is 300",
        ),
        ({"edges": [{"from": 0, "to": 0, "weight": 1, "delay": 0.5}]}, DataError, "'delay' of edge 0 is 0.5"),
        ({"edges": [{"from": -1, "to": 0, "weight": 1}]}, UsageError, r"edge \(-1, 0\)"),
        ({"edges": [{"from": 0, "to": 0, "weight": 1}] * 2}, UsageError, "given twice"),
        ({"outputs": 1}, DataError, "outputs is 1, not a list"),
        ({"outputs": [1.0]}, DataError, "an output is 1.0"),
        ({"theta": [[0, 0, 0]]}, UsageError, "theta has 1 lists: one for each of 2 neurons"),
        ({"theta": [[0, 0, None], []]}, DataError, r"mem\[0\] of neuron 0 is None"),
        ({"spikes": []}, UsageError, "spikes are empty"),
        ({"spikes": [[True, 0]]}, UsageError, "spikes of step 0 hold True: a list of 2 zeros and ones"),
        ({"spikes": [[1]]}, UsageError, r"spikes of step 0 are \[1\]"),
        ({"spikes": [[1, 0]] * 1001}, UsageError, "spikes holds 1,001 entries: at most 1,000"),
        ({"comment": "mine"}, DataError, "has 'comment': its names are inputs, neurons"),
    ],
)
def test_other_forms_are_refused(tmp_path, changes, kind, words):
    with pytest.raises(kind, match=words):
        read(tmp_path / "network.json", **changes)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not JSON"),
        ('{"inputs": NaN}', "NaN is no number of JSON"),
        ('{"inputs": 1, "inputs": 2}', "the name 'inputs' stands twice in an object"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", r"the description is \[\], not an object"),
    ],
)
def test_files_that_are_no_json(tmp_path, text, words):
    path = tmp_path / "network.json"
    path.write_text(text)
    with pytest.raises(DataError, match=words):
        read_network(path)


def test_files_that_cannot_be_read(tmp_path):
    for path in (tmp_path, tmp_path / "missing", tmp_path / ("x" * 300)):
        with pytest.raises(DataError, match="cannot be read"):
            read_network(path)
