"""A definition is the same whatever it goes through, or it is refused."""

import copy
import json
import pickle

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import Operator

from sqsq.errors import UsageError
from sqsq.model import AnsatzDefinition, Neuron, ansatz_from_circuit
from tests.user_circuits import random_circuit


def definition_of(seed):
    circuit, order, io_qubits = random_circuit(seed)
    name = f"defined-{seed}"
    ansatz_from_circuit(name, circuit, io_qubits=io_qubits, theta=order)
    return Neuron(io_qubits, circuit.num_qubits - io_qubits, name).own_definition, circuit, order


@pytest.mark.parametrize("seed", range(40, 46))
def test_json_and_pickle_keep_it(seed):
    definition, circuit, order = definition_of(seed)
    for again in (
        AnsatzDefinition.from_json(json.loads(json.dumps(definition.to_json()))),
        pickle.loads(pickle.dumps(definition)),
        copy.deepcopy(definition),
    ):
        assert again == definition
        assert hash(again) == hash(definition)
        assert again.digest == definition.digest
        theta = np.random.default_rng(seed).uniform(-3, 3, len(order)).tolist()
        drawn = QuantumCircuit(circuit.num_qubits)
        io_qubits = definition.size[0]
        again.append(drawn, drawn.qubits[:io_qubits], drawn.qubits[io_qubits:], theta)
        bound = circuit.assign_parameters(dict(zip(order, theta, strict=True)))
        assert Operator(drawn).equiv(Operator(bound), atol=1e-9)


def test_equal_circuits_are_equal_and_others_are_not():
    def define(name, slope=1.0, first="x", **options):
        circuit = QuantumCircuit(2)
        x, y = Parameter(first), Parameter("y")
        circuit.rx(slope * x, 0)
        circuit.crz(y, 0, 1)
        ansatz_from_circuit(name, circuit, io_qubits=1, **options)
        content = Neuron(ansatz=name).own_definition.to_json()
        return {**content, "name": "same"} | {"digest": ""}

    plain = define("d1")
    assert define("d2", slope=2 / 2) == plain
    others = [
        define("d3", slope=2.0),
        define("d4", first="a"),
        define("d5", spread=0.1),
        define("d6", rectified=False),
        define("d7", frequencies=[(1, 2), (0.5, 1)]),
    ]
    assert all(other != plain for other in others)
    assert len({json.dumps(other, sort_keys=True) for other in others}) == len(others)
    summarised = define("d8", summary="in other words")
    assert {**summarised, "summary": plain["summary"]} == plain


def test_the_summary_is_no_part_of_it():
    circuit = QuantumCircuit(2)
    circuit.rx(Parameter("x"), 0)
    ansatz_from_circuit("summarised", circuit, io_qubits=1, summary="one")
    first = Neuron(ansatz="summarised").own_definition
    ansatz_from_circuit("summarised", circuit, io_qubits=1, summary="two")
    assert Neuron(ansatz="summarised").own_definition.digest == first.digest


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d | {"rectified": False}, "was changed since"),
        (lambda d: d | {"io_qubits": 9}, r"is no definition of an ansatz: ValueError size \(9, 1\)"),
        (lambda d: d | {"io_qubits": "1"}, "is no definition of an ansatz"),
        (lambda d: d | {"gates": [["sin", [0], []]]}, "is no definition of an ansatz: KeyError 'sin'"),
        (lambda d: d | {"gates": [["cx", [0, 0], []]]}, "gate cx twice on one of the qubits"),
        (lambda d: d | {"gates": [["cx", [0, 5], []]]}, "gate cx on qubits"),
        (lambda d: d | {"gates": [["rx", [0], []]]}, "gate rx on qubits"),
        (lambda d: d | {"gates": [["rx", [0], [[0.0, [[7, 1.0]]]]]]}, "an angle that does not exist"),
        (lambda d: d | {"gates": [["rx", [0], [[float("nan"), []]]]]}, "not finite"),
        (lambda d: d | {"gates": 3}, "is no definition of an ansatz"),
        (lambda d: {k: v for k, v in d.items() if k != "digest"}, "KeyError 'digest'"),
        (lambda d: [], "is no definition of an ansatz"),
        (lambda d: None, "is no definition of an ansatz"),
    ],
)
def test_what_was_changed_is_refused(change, message):
    circuit = QuantumCircuit(2)
    circuit.rx(Parameter("x"), 0)
    circuit.cx(0, 1)
    ansatz_from_circuit("kept", circuit, io_qubits=1)
    content = json.loads(json.dumps(Neuron(ansatz="kept").own_definition.to_json()))
    with pytest.raises(UsageError, match=message) as found:
        AnsatzDefinition.from_json(change(content))
    assert "\n" not in str(found.value)
