import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import Operator

from sqsq.circuits import affine_circuit, neuron_circuit, transpile_for_device
from sqsq.circuits.cut import cut_circuit, used_qubits
from sqsq.engines.fake import fake_backend
from sqsq.model import Neuron
from sqsq.tables import Template


def test_angles_of_a_transpiled_circuit():
    compiled = neuron_circuit(Template(Neuron(1, 1, "memory-controlled"), 2))
    device = transpile_for_device(compiled.circuit, fake_backend("fake_brisbane"))
    order = (*compiled.phi, *compiled.theta)
    small = cut_circuit(device, used_qubits(device))
    affine = affine_circuit(small, order)
    values = np.random.default_rng(0).uniform(-3, 3, (4, len(order)))
    for row, angles in zip(values, affine.angles(values), strict=True):
        bare = affine.circuit.assign_parameters(dict(zip(affine.parameters, angles, strict=True)))
        direct = small.assign_parameters(dict(zip(order, row, strict=True)))
        for ours, theirs in zip(bare.data, direct.data, strict=True):
            assert ours.operation.name == theirs.operation.name
            assert np.allclose(
                [float(p) for p in ours.operation.params], [float(p) for p in theirs.operation.params]
            )


def test_equal_expressions_share_a_parameter():
    a = Parameter("a")
    circuit = QuantumCircuit(1)
    circuit.rx(2 * a + 1, 0)
    circuit.rz(2 * a + 1, 0)
    affine = affine_circuit(circuit, [a])
    assert len(affine.parameters) == 1
    assert affine.angles(np.array([[0.5]])) == pytest.approx(2.0)
    bound = affine.circuit.assign_parameters({affine.parameters[0]: 2.0})
    assert Operator(bound).equiv(Operator(circuit.assign_parameters({a: 0.5})))


def test_other_expressions_are_refused():
    a = Parameter("a")
    circuit = QuantumCircuit(1)
    circuit.rx(a * a, 0)
    with pytest.raises(NotImplementedError, match="not affine"):
        affine_circuit(circuit, [a])
