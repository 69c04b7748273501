"""Folded circuits: mitiq's own on one segment, the same instrument on many, in the device's gates."""

import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter
from qiskit.quantum_info import Operator

from sqsq.circuits import IDEAL_BASIS, cut_circuit, device_circuit, fold_circuit, neuron_circuit, used_qubits
from sqsq.engines.fake import fake_backend
from sqsq.errors import BackendError, UsageError
from sqsq.model import Neuron
from sqsq.tables import NoiseScale, Template
from tests import oracle
from tests.exact_circuit import circuit_joint

DEVICE_BASIS = ("ecr", "id", "rz", "sx", "x")
ODD = [NoiseScale(3), NoiseScale(5), NoiseScale(3, "two-qubit"), NoiseScale(3, readout=True)]
OTHER = [NoiseScale(1.7), NoiseScale(2.5, "two-qubit"), NoiseScale(3, "two-qubit", readout=True)]


def wires(circuit):
    """What happens on each qubit: gates as matrices up to a phase, and all of their qubits."""
    happened = [[] for _ in circuit.qubits]
    for item in circuit.data:
        if item.operation.name == "barrier":
            continue
        qubits = [circuit.find_bit(qubit).index for qubit in item.qubits]
        matrix = Operator(item.operation).data
        matrix = matrix / np.exp(1j * np.angle(matrix.ravel()[np.abs(matrix).argmax()]))
        for qubit in qubits:
            happened[qubit].append((qubits, matrix))
    return happened


def unitary_circuits():
    rng = np.random.default_rng(1)
    step = device_circuit(Template(Neuron(), 1), fake_backend("fake_torino"))
    step = cut_circuit(step, used_qubits(step))
    one = QuantumCircuit(step.num_qubits)
    for item in step.data:
        if item.operation.name in ("rz", "sx", "cz", "x"):
            one.append(item.operation, [step.find_bit(qubit).index for qubit in item.qubits])
    mixed = QuantumCircuit(3)
    for _ in range(4):
        mixed.h(0)
        mixed.rx(rng.uniform(-3, 3), 1)
        mixed.cx(0, 1)
        mixed.t(2)
        mixed.ry(rng.uniform(-3, 3), 2)
        mixed.cz(2, 1)
        mixed.s(0)
    return [one.assign_parameters(rng.uniform(-3, 3, one.num_parameters)), mixed]


@pytest.mark.parametrize("scale", [1, 1.3, 2.4, 3, 4.7, 5])
@pytest.mark.parametrize("circuit", unitary_circuits(), ids=["neuron", "mixed"])
def test_one_segment_is_folded_as_mitiq_folds_it(circuit, scale):
    folding = pytest.importorskip(
        "mitiq.zne.scaling.folding", reason="mitiq is an extra: what it folds is compared where it is"
    )
    theirs = wires(folding.fold_global(circuit, scale))
    ours = wires(fold_circuit(circuit, NoiseScale(scale), IDEAL_BASIS))
    for our, their in zip(ours, theirs, strict=True):
        assert [qubits for qubits, _ in our] == [qubits for qubits, _ in their]
        for (_, a), (_, b) in zip(our, their, strict=True):
            assert np.abs(a - b).max() < 1e-6  # mitiq's way through text rounds angles


def bound(template, circuit, seed=0):
    rng = np.random.default_rng(seed)
    compiled = neuron_circuit(template)
    phi, theta = rng.uniform(0, 3, template.phi_shape), rng.uniform(-2, 2, template.theta_shape)
    values = dict(zip((*compiled.phi, *compiled.theta), [*phi.ravel(), *theta.ravel()], strict=True))
    return circuit.assign_parameters(values), phi, theta


@pytest.mark.parametrize("ansatz", oracle.ENTANGLERS)
@pytest.mark.parametrize("noise", ODD + OTHER, ids=str)
def test_device_circuits_stay_the_same_instrument(ansatz, noise):
    """Every reading is the spike, and spikes have the oracle's joint distribution."""
    template = Template(Neuron(ansatz=ansatz), 2, noise)
    circuit = device_circuit(template, fake_backend("fake_brisbane"))
    small, phi, theta = bound(template, cut_circuit(circuit, used_qubits(circuit)))
    distribution = circuit_joint(small)
    spikes = np.zeros((2, 2))
    for outcome in np.ndindex(distribution.shape):
        readings = np.reshape(outcome, (noise.readings, 2))
        if (readings == readings[0]).all():
            spikes[tuple(readings[0])] += distribution[outcome]
        else:
            assert distribution[outcome] < 1e-12
    assert np.abs(spikes - oracle.joint(ansatz, 1, 1, phi, theta)).max() < 1e-9


@pytest.mark.parametrize("noise", ODD, ids=str)
def test_folds_stay_in_the_devices_gates(noise):
    backend = fake_backend("fake_brisbane")
    plain = device_circuit(Template(Neuron(), 3), backend).count_ops()
    folded = device_circuit(Template(Neuron(), 3, noise), backend).count_ops()
    scale = int(noise.scale)
    assert set(folded) == set(plain) <= {"barrier", *backend.target.operation_names}
    assert folded["ecr"] == scale * plain["ecr"]
    assert folded["sx"] == (scale if noise.gates == "all" else 1) * plain["sx"]
    for name in ("measure", "reset"):
        assert folded[name] == noise.readings * plain[name]


def test_every_fold_stands_between_barriers():
    template = Template(Neuron(), 1, NoiseScale(3))
    circuit = device_circuit(template, fake_backend("fake_brisbane"))
    names = [item.operation.name for item in circuit.data]
    first, second = (
        place for place, name in enumerate(names[: names.index("measure") - 1]) if name == "barrier"
    )
    gates = {name: names[:first].count(name) for name in ("ecr", "sx")}
    for part in (names[first:second], names[second : names.index("measure")]):
        assert {name: part.count(name) for name in ("ecr", "sx")} == gates


def test_barriers_within_a_segment_are_kept_and_end_nothing():
    circuit = QuantumCircuit(2, 1)
    circuit.barrier()
    circuit.sx(0)
    circuit.barrier()
    circuit.ecr(0, 1)
    circuit.barrier()
    circuit.measure(0, 0)
    folded = fold_circuit(circuit, NoiseScale(3), DEVICE_BASIS)
    assert [item.operation.name for item in folded.data] == [
        *("barrier", "sx", "barrier", "ecr"),
        *("barrier", "ecr", "barrier", "rz", "sx", "rz", "barrier", "sx", "barrier", "ecr"),
        *("barrier", "measure"),
    ]


def test_a_circuit_at_scale_one_is_left_alone():
    circuit = unitary_circuits()[0]
    assert fold_circuit(circuit, NoiseScale(), DEVICE_BASIS) is circuit


def conditional():
    angle = Parameter("angle")
    spikes = ClassicalRegister(2, "spikes")
    circuit = QuantumCircuit(QuantumRegister(2, "q"), spikes)
    circuit.sx(0)
    circuit.measure(0, spikes[0])
    with circuit.if_test((spikes[0], 1)):
        circuit.sx(1)
        circuit.rz(angle, 1)
        circuit.sx(1)
    circuit.sx(1)
    circuit.measure(1, spikes[1])
    return circuit, angle


def test_bodies_of_conditionals_are_folded_and_stay_parametric():
    circuit, angle = conditional()
    folded = fold_circuit(circuit, NoiseScale(3), DEVICE_BASIS)
    (body,) = (
        block for item in folded.data if item.operation.name == "if_else" for block in item.operation.blocks
    )
    assert body.count_ops()["sx"] == 6
    assert set(folded.parameters) == {angle}
    plain, same = (circuit_joint(one.assign_parameters({angle: 0.7})) for one in (circuit, folded))
    assert np.abs(plain - same).max() < 1e-12
    with pytest.raises(UsageError, match="noise scale 3 with readout: a circuit with feed-forward looks at"):
        fold_circuit(circuit, NoiseScale(3, readout=True), DEVICE_BASIS)


def test_gates_without_an_inverse_on_the_device_are_refused():
    circuit = QuantumCircuit(1)
    circuit.t(0)
    with pytest.raises(
        BackendError, match="the inverse of a t gate is a tdg gate, which is not among ecr, id, rz"
    ):
        fold_circuit(circuit, NoiseScale(3), DEVICE_BASIS)
