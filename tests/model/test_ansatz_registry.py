"""One name, one definition, for all who use it."""

import pickle

import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter

from sqsq.circuits import neuron_circuit
from sqsq.errors import BackendError, UsageError
from sqsq.model import (
    LIF,
    Angle,
    Ansatz,
    AnsatzDefinition,
    Neuron,
    ansatz_from_circuit,
    find_ansatz,
    register_ansatz,
    register_definition,
)
from sqsq.tables.template import Template
from tests.elsewhere import forget_own_ansatze


def circuit(turn=0.0):
    x = Parameter("x")
    drawn = QuantumCircuit(2)
    drawn.rx(x + turn, 0)
    drawn.cx(0, 1)
    return drawn


def family(turn=0.0, name="family", frequencies=(1.0,), append=None):
    def draw(target, io, memory, theta):
        for qubit, angle in zip(io, theta, strict=True):
            target.rx(angle + turn, qubit)
            target.cx(qubit, memory[0])

    def angles(io_qubits, memory_qubits):
        return tuple(Angle(f"in[{n}]", frequencies, 0.5) for n in range(io_qubits))

    return Ansatz(name, "a family", angles, append or draw)


def test_the_same_again_is_fine_and_another_is_not():
    first = ansatz_from_circuit("again", circuit(), io_qubits=1)
    assert ansatz_from_circuit("again", circuit(), io_qubits=1) is first
    for other in (
        {"circuit": circuit(0.1)},
        {"spread": 0.1},
        {"rectified": False},
        {"frequencies": [(1, 2)]},
    ):
        with pytest.raises(UsageError, match=r"'again' is registered already, with another .* another name"):
            ansatz_from_circuit("again", **{"circuit": circuit(), "io_qubits": 1, **other})
    wider = QuantumCircuit(3).compose(circuit(), [0, 1])
    with pytest.raises(UsageError, match="registered already"):
        ansatz_from_circuit("again", wider, io_qubits=1)
    assert find_ansatz("again") is first


def test_names_of_sqsqs_own_are_taken():
    with pytest.raises(UsageError, match="'partial-swap' comes with sqsq: choose another name"):
        ansatz_from_circuit("partial-swap", circuit(), io_qubits=1)
    with pytest.raises(UsageError, match="'partial-swap' comes with sqsq"):
        register_ansatz(family(name="partial-swap"))


def test_what_a_family_draws_is_what_runs_from_then_on():
    turns = [0.0]

    def draw(target, io, memory, theta):
        target.rx(theta[0] + turns[0], io[0])
        target.cx(io[0], memory[0])

    register_ansatz(family(name="changing", append=draw))
    before = Neuron(ansatz="changing").content()
    turns[0] = 1.0
    assert Neuron(ansatz="changing").content() == before
    compiled = neuron_circuit(Template(Neuron(ansatz="changing"), 1)).circuit
    assert [str(item.operation.params[0]) for item in compiled.data[:2]] == ["phi[0]", "theta[0]"]


def test_families_are_checked_size_by_size():
    first = register_ansatz(family())
    assert [Neuron(n, 1, "family").own_definition.size for n in (1, 2)] == [(1, 1), (2, 1)]
    again = family()
    assert register_ansatz(again) is again is not first
    with pytest.raises(UsageError, match="'family' is registered already, with another definition"):
        register_ansatz(family(0.1))
    register_ansatz(family(name="wrong-family", frequencies=(2.0,)))
    with pytest.raises(UsageError, match=r"angle 'in\[0\]' is declared with frequencies \(2\)"):
        Neuron(ansatz="wrong-family")
    with pytest.raises(UsageError, match="9 qubits: at most 8"):
        Neuron(8, 1, "family")

    def fails(target, io, memory, theta):
        raise IndexError("oops")

    def wasteful(target, io, memory, theta):
        target.rx(0.3, io[0])

    register_ansatz(family(name="failing", append=fails))
    with pytest.raises(
        UsageError, match="'failing' with 1 io and 1 memory qubits cannot be drawn: IndexError oops"
    ):
        Neuron(ansatz="failing")
    with pytest.raises(UsageError, match="an ansatz to register is a str: must be an Ansatz"):
        register_ansatz("family")
    nameless = Ansatz("nameless", "", lambda io, memory: (0.5,), fails)
    register_ansatz(nameless)
    with pytest.raises(UsageError, match=r"'nameless' with 1 io .* cannot be drawn: AttributeError"):
        Neuron(ansatz="nameless")
    register_ansatz(family(name="wasteful", append=wasteful))
    with pytest.raises(UsageError, match=r"'wasteful': angle 'in\[0\]' turns nothing"):
        Neuron(ansatz="wasteful")


def test_a_classical_neuron_is_known_by_its_name():
    assert LIF.own_definition is None
    assert LIF.content() == {"io_qubits": 1, "memory_qubits": 1, "ansatz": "lif"}
    assert pickle.loads(pickle.dumps(LIF)) == LIF
    with pytest.raises(BackendError, match="classical and has no circuit"):
        neuron_circuit(Template(LIF, 1))


def test_neurons_of_sqsqs_own_are_what_they_were():
    assert Neuron(2, 1).content() == {"io_qubits": 2, "memory_qubits": 1, "ansatz": "partial-swap"}
    assert Neuron.from_content(Neuron(2, 1).content()) == Neuron(2, 1)


def test_pickled_neurons_bring_their_ansatz_along(monkeypatch):
    ansatz_from_circuit("travelling", circuit(), io_qubits=1, rectified=False)
    register_ansatz(family(name="travelling family"))
    neurons = [
        Neuron(ansatz="travelling"),
        Neuron(1, 1, "travelling family"),
        Neuron(2, 1, "travelling family"),
    ]
    contents, sent = [neuron.content() for neuron in neurons], pickle.dumps(neurons)
    forget_own_ansatze(monkeypatch)
    with pytest.raises(UsageError, match="unknown ansatz 'travelling'"):
        Neuron(ansatz="travelling")
    arrived = pickle.loads(sent)
    assert [neuron.content() for neuron in arrived] == contents
    assert not arrived[0].definition.rectified
    assert pickle.loads(sent) == arrived
    with pytest.raises(UsageError, match="not known for 3 io and 1 memory qubits"):
        Neuron(3, 1, "travelling family")
    ansatz_from_circuit("travelling", circuit(), io_qubits=1, rectified=False)
    register_ansatz(family(name="travelling family"))
    assert Neuron(3, 1, "travelling family").own_definition.size == (3, 1)
    with pytest.raises(UsageError, match="registered already"):
        ansatz_from_circuit("travelling", circuit(), io_qubits=1)


@pytest.mark.parametrize("other", [circuit(0.5), QuantumCircuit(3).compose(circuit(), [0, 1])])
def test_another_one_that_arrives_is_refused(monkeypatch, other):
    ansatz_from_circuit("contested", circuit(), io_qubits=1)
    neuron = Neuron(ansatz="contested")
    sent, content = pickle.dumps(neuron), neuron.content()
    forget_own_ansatze(monkeypatch)
    ansatz_from_circuit("contested", other, io_qubits=1)
    with pytest.raises(UsageError, match="'contested' is registered already, with another definition"):
        pickle.loads(sent)
    if other.num_qubits == 2:
        with pytest.raises(UsageError, match="'contested' that is meant is not the one registered"):
            Neuron.from_content(content)


def test_a_definition_of_a_name_that_comes_with_sqsq_is_refused():
    ansatz_from_circuit("renamed", circuit(), io_qubits=1)
    own = Neuron(ansatz="renamed").own_definition
    taken = AnsatzDefinition("io-controlled", own.size, own.angles, own.gates)
    with pytest.raises(UsageError, match="comes with sqsq"):
        register_definition(taken)
