"""What users draw is taken as it is drawn, checked, or refused in one line."""

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Gate, Parameter, ParameterVector
from qiskit.circuit.library import PauliEvolutionGate, RYGate, UnitaryGate
from qiskit.quantum_info import Operator, SparsePauliOp, random_clifford, random_unitary

from sqsq.engines import open_engine
from sqsq.engines.exact import marginals
from sqsq.errors import UsageError
from sqsq.model import Neuron, ansatz_from_circuit
from sqsq.tables import EvaluationTable, Template

X, Y, Z = (Parameter(name) for name in "xyz")


def drawn(*steps, qubits=2):
    """A circuit from lines such as ``("rx", X, 0)``; a gate is appended to its qubits."""
    circuit = QuantumCircuit(qubits)
    for first, *rest in steps:
        if isinstance(first, str):
            getattr(circuit, first)(*rest)
        else:
            circuit.append(first, rest)
    return circuit


def spike_probability(neuron, phi, theta):
    template = Template(neuron, 1)
    table = EvaluationTable(template, np.full((1, 1, 1), phi), np.reshape(theta, (1, 1, -1)).astype(float), 1)
    return marginals(open_engine("exact"), table)[0, 0, 1]


def test_what_becomes_of_the_circuit_later_changes_nothing():
    circuit = drawn(("rx", X, 0), ("cx", 0, 1))
    ansatz_from_circuit("drawn-before", circuit, io_qubits=1)
    before = spike_probability(Neuron(ansatz="drawn-before"), 0.4, [0.3])
    assert before == pytest.approx(np.sin(0.35) ** 2, abs=1e-12)
    circuit.x(0)
    circuit.rx(X, 0)
    assert spike_probability(Neuron(ansatz="drawn-before"), 0.4, [0.3]) == before
    template = Template(Neuron(ansatz="drawn-before"), 3)  # compiled only now
    table = EvaluationTable(template, np.full((1, 3, 1), 0.4), np.full((1, 3, 1), 0.3), 1)
    assert marginals(open_engine("exact"), table)[0, :, 1] == pytest.approx([before] * 3)


def inner(name="inner"):
    circuit = QuantumCircuit(1, name=name)
    circuit.ry(X, 0)
    return circuit


def looping_gate():
    gate = Gate("loop", 1, [])
    gate.definition = QuantumCircuit(1)
    gate.definition.append(gate, [0])
    return gate


class MatrixGate(Gate):
    """A gate that knows its matrix alone."""

    def __init__(self, matrix):
        super().__init__("matrix", 1, [])
        self.matrix = matrix

    def __array__(self, dtype=None, copy=None):
        return np.array(self.matrix, dtype=complex)


class LyingGate(MatrixGate):
    """A gate whose definition is another one."""

    def _define(self):
        self.definition = QuantumCircuit(1)
        self.definition.x(0)


class BrokenGate(Gate):
    """A gate that cannot say what it is."""

    def __init__(self):
        super().__init__("broken", 1, [])

    def _define(self):
        raise RuntimeError("nobody\nknows")


ACCEPTED = {
    "a vector": drawn(*((("rx", angle, k % 2)) for k, angle in enumerate(ParameterVector("v", 3)))),
    "sums": drawn(("rx", 2 * X - Y / 2 + 0.1, 0), ("crz", X + Y, 0, 1), ("ry", Y, 0)),
    "a bound parameter": drawn(("rx", X, 0), ("ry", Y.bind({Y: 0.3}), 1)),
    "unitary blocks": drawn(
        (UnitaryGate(random_unitary(4, seed=1)), 0, 1),
        ("rx", X, 0),
        (UnitaryGate(random_unitary(2, seed=2)), 1),
    ),
    "a unitary block on three qubits": drawn(
        (UnitaryGate(random_unitary(8, seed=1)), 0, 1, 2), ("rx", X, 0), qubits=3
    ),
    "a matrix": drawn((MatrixGate([[0, 1j], [1j, 0]]), 0), ("rx", X, 0)),
    "a Clifford": drawn((random_clifford(2, seed=1), 0, 1), ("rx", X, 0)),
    "nested gates": drawn((drawn((inner().to_gate(), 1)).to_gate(), 1, 0), ("rx", Y, 1)),
    "an instruction": drawn((inner().to_instruction(), 1)),
    "open controls": drawn((inner().to_gate().control(1, ctrl_state=0), 0, 1)),
    "modifiers": drawn((RYGate(X).control(1, annotated=True), 0, 1)),
    "an own gate with a standard name": drawn((inner("rx").to_gate(), 0)),
    "an evolution": drawn((PauliEvolutionGate(SparsePauliOp(["XX", "YY"]), time=X), 0, 1)),
    "three-qubit gates": drawn(("mcp", X, [0, 1], 2), ("ccx", 2, 1, 0), ("cswap", 0, 1, 2), qubits=3),
    "barriers": drawn(("rx", X, 0), ("barrier",), ("rx", X, 0), ("barrier", 1), ("cx", 0, 1)),
    "a global phase": QuantumCircuit(2, global_phase=X).compose(drawn(("rx", X, 0))),
}


@pytest.mark.parametrize("what", ACCEPTED)
def test_its_unitary_is_the_circuits(what):
    circuit = ACCEPTED[what]
    neuron = Neuron(1, circuit.num_qubits - 1, ansatz_from_circuit(f"own {what}", circuit, io_qubits=1).name)
    theta = np.random.default_rng(0).uniform(-3, 3, len(circuit.parameters)).tolist()
    ours = QuantumCircuit(circuit.num_qubits)
    neuron.append(ours, ours.qubits[:1], ours.qubits[1:], theta)
    bound = circuit.assign_parameters(dict(zip(circuit.parameters, theta, strict=True)))
    assert Operator(ours).equiv(Operator(bound), atol=1e-9)
    assert all(len(item.qubits) <= 2 or item.operation.name == "barrier" for item in ours.data)


def with_loop():
    circuit = drawn(("rx", X, 0))
    with circuit.for_loop(range(2)):
        circuit.x(0)
    return circuit


def with_condition():
    circuit = QuantumCircuit(2, 1)
    circuit.rx(X, 0)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.x(0)
    return circuit


REFUSED = {
    "a product": (drawn(("rx", X * Y, 0)), r"a rx gate turns by x\*y: .* sums and real multiples"),
    "a sine": (drawn(("rx", X.sin(), 0)), r"turns by sin\(x\)"),
    "a square": (drawn(("rx", X**2, 0)), "sums and real multiples"),
    "a sign": (drawn(("rx", X.sign(), 0)), "sums and real multiples"),
    "a modulus": (drawn(("rx", X.abs(), 0)), "sums and real multiples"),
    "a complex multiple": (drawn(("rx", 1j * X, 0)), "sums and real multiples"),
    "an angle that is not finite": (
        drawn(("rx", X, 0), ("rx", float("nan"), 0)),
        "turns by nan: must be finite",
    ),
    "a slope that is not finite": (drawn(("rx", 1e200 * X * 1e200, 0)), "gate turns by"),
    "an opaque gate": (drawn((Gate("oracle", 2, []), 0, 1), ("rx", X, 0)), "gate 'oracle' has no definition"),
    "an opaque parametric gate": (drawn((Gate("oracle", 2, [X]), 0, 1)), "gate 'oracle' has no definition"),
    "a gate defined by itself": (
        drawn((looping_gate(), 0), ("rx", X, 0)),
        "gate 'loop' is defined by itself",
    ),
    "a gate that fails": (
        drawn((BrokenGate(), 0), ("rx", X, 0)),
        "gate 'broken' cannot be taken apart: nobody knows",
    ),
    "a gate that lies": (
        drawn((LyingGate(np.eye(2)), 0), ("rx", X, 0)),
        "not the unitary that the gate claims",
    ),
    "no unitary matrix": (
        drawn((MatrixGate([[1, 0], [0, 2]]), 0), ("rx", X, 0)),
        "gate 'matrix' cannot be taken",
    ),
    "a reset": (drawn(("rx", X, 0), ("reset", 0)), "must be a unitary circuit.* not 'reset'"),
    "a delay": (drawn(("rx", X, 0), ("delay", 10, 0)), "must be a unitary circuit.* not 'delay'"),
    "a preparation": (
        drawn(("rx", X, 0), ("initialize", [1, 0], 0)),
        "must be a unitary circuit.* not 'initialize'",
    ),
    "a loop": (with_loop(), "must be a unitary circuit.* not 'for_loop'"),
    "a condition": (with_condition(), "must be a unitary circuit.* not 1 classical bits"),
    "an angle that does nothing": (
        QuantumCircuit(2, global_phase=Y).compose(drawn(("rx", X, 0))),
        "angle 'y' turns nothing but a global phase",
    ),
    "an angle that cancels": (drawn(("rx", X, 0), ("rx", Y, 0), ("rx", -Y, 0)), "angle 'y' turns nothing"),
    "no angle": (drawn(("x", 0)), "theta must list each parameter of the circuit once: it has none"),
    "too many qubits": (drawn(("rx", X, 0), qubits=9), "9 qubits: at most 8"),
    "too many gates": (drawn(("rx", X, 0), *[("x", 0)] * 10_001), "more than 10,000 standard gates"),
    "no circuit": (RYGate(X), "circuit is a RYGate: must be a qiskit QuantumCircuit"),
    "odd frequencies": (
        drawn(("rx", 0.3 * X, 0)),
        "angle 'x' are not multiples of 1/4 below 16: declare them",
    ),
    "high frequencies": (
        drawn(("rx", 16 * X, 0)),
        "angle 'x' are not multiples of 1/4 below 16: declare them",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_no_engine_can_run_is_refused_at_registration(what):
    circuit, message = REFUSED[what]
    with pytest.raises(UsageError, match=message) as found:
        ansatz_from_circuit("refused", circuit, io_qubits=1)
    assert "\n" not in str(found.value)
    with pytest.raises(UsageError, match="unknown ansatz 'refused'"):
        Neuron(ansatz="refused")


TWO = drawn(("rx", X, 0), ("cx", 0, 1), ("ry", Y, 1))
DOUBLE = drawn(("rx", 2 * X, 0), ("cx", 0, 1))


@pytest.mark.parametrize(
    ("circuit", "options", "message"),
    [
        (
            TWO,
            {"theta": [X, Y, X]},
            "theta must list each parameter of the circuit once: x, y, and lists x again",
        ),
        (TWO, {"theta": [X]}, "theta must list each parameter"),
        (TWO, {"theta": [X, Z]}, "theta must list each parameter"),
        (TWO, {"theta": [X, X]}, "lists x again"),
        (TWO, {"theta": ["x", "y"]}, "theta must list each parameter"),
        (TWO, {"theta": 3}, "theta must list each parameter"),
        (TWO, {"frequencies": [(1,)]}, r"each angle: 2 lists, not \[\(1\)\]"),
        (TWO, {"frequencies": [(1,), ()]}, "one or more finite, positive numbers"),
        (TWO, {"frequencies": [(1,), (0,)]}, "one or more finite, positive numbers"),
        (TWO, {"frequencies": [(1,), (-1,)]}, "one or more finite, positive numbers"),
        (TWO, {"frequencies": [(1, float("nan")), (1,)]}, "one or more finite, positive numbers"),
        (TWO, {"frequencies": [(1, float("inf")), (1,)]}, "one or more finite, positive numbers"),
        (TWO, {"frequencies": [(1, 1), (1,)]}, "must be different numbers"),
        (TWO, {"frequencies": [1, 1]}, "must be a list of numbers for each angle"),
        (TWO, {"frequencies": ["one", "two"]}, "must be a list of numbers for each angle"),
        (
            DOUBLE,
            {"frequencies": [(1,)]},
            r"'x' is declared with frequencies \(1\), but oscillates with \(2\)",
        ),
        (DOUBLE, {"frequencies": [(1.999999,)]}, r"declare \(2\) too"),
        (DOUBLE, {"frequencies": [(2, 1e9)]}, "no shifts tell them apart"),
        (drawn(("rx", 0.3 * X, 0)), {"frequencies": [(0.4,)]}, "but oscillates with others"),
        (drawn(("rx", 20 * X, 0)), {"frequencies": [(1, 4)]}, "but oscillates with others"),
        (TWO, {"spread": float("nan")}, "spread is nan"),
        (TWO, {"spread": float("inf")}, "spread is inf"),
        (TWO, {"spread": -0.1}, r"spread is -0\.1"),
        (TWO, {"spread": "wide"}, "spread is 'wide'"),
        (TWO, {"io_qubits": 1.0}, r"io_qubits is 1\.0: must be a whole number"),
        (TWO, {"io_qubits": True}, "io_qubits is True"),
        (TWO, {"io_qubits": 0}, "2 qubits with 0 io qubits"),
        (TWO, {"io_qubits": 2}, "leave 0 for memory"),
        (TWO, {"rectified": "no"}, "rectified is 'no'"),
        (TWO, {"summary": "two\nlines"}, "summary is"),
    ],
)
def test_what_is_declared_is_checked(circuit, options, message):
    with pytest.raises(UsageError, match=message) as found:
        ansatz_from_circuit("wrong", circuit, **{"io_qubits": 1, **options})
    assert "\n" not in str(found.value)


@pytest.mark.parametrize("name", ["", " a", "a ", "a/b", "..", "a\n", "a,b", "a:b", "-a", 5, None, "x" * 101])
def test_names_that_cannot_be_used(name):
    with pytest.raises(UsageError, match="an ansatz cannot be named") as found:
        ansatz_from_circuit(name, TWO, io_qubits=1)
    assert "\n" not in str(found.value)


def test_more_frequencies_than_there_are_do_no_harm():
    ansatz = ansatz_from_circuit("superset", DOUBLE, io_qubits=np.int64(1), frequencies=[(3, 2, 0.5)])
    assert ansatz.angles(1, 1)[0].frequencies == (0.5, 2.0, 3.0)


@pytest.mark.parametrize(
    ("circuit", "frequencies"),
    [
        (drawn(("rx", 0.3 * X, 0)), (0.3,)),
        (drawn(("rx", 20 * X, 0)), (20,)),
        (drawn(("rx", X / 3, 0), ("rz", X, 0), ("ry", 0.3, 0)), (1 / 3, 2 / 3, 1, 4 / 3)),
        (drawn(("crx", np.sqrt(2) * X, 0, 1)), (np.sqrt(0.5), np.sqrt(2))),
    ],
)
def test_frequencies_that_are_not_looked_for_are_taken_where_they_are_right(circuit, frequencies):
    name = "declared " + "-".join(f"{f:.3f}" for f in frequencies)
    ansatz = ansatz_from_circuit(name, circuit, io_qubits=1, frequencies=[frequencies])
    assert ansatz.angles(1, 1)[0].frequencies == tuple(frequencies)
    with pytest.raises(UsageError, match="but oscillates with others"):
        ansatz_from_circuit(
            "less", circuit, io_qubits=1, frequencies=[(*frequencies[:-1], 2 * frequencies[-1])]
        )
