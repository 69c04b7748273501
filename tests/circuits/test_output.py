import io

import numpy as np
import pytest
from qiskit import qasm3, qpy

from sqsq.circuits import (
    measure_circuit,
    neuron_circuit,
    neuron_circuit_for_currents,
    transpile_for_device,
    write_circuit,
)
from sqsq.engines.fake import fake_backend
from sqsq.errors import UsageError
from sqsq.model import Neuron
from sqsq.tables import Template


@pytest.fixture
def circuit():
    compiled = neuron_circuit_for_currents(Template(Neuron(), 2), [[0.5], [0.0]])
    return compiled.circuit.assign_parameters(dict.fromkeys(compiled.theta, 0.25))


def test_openqasm_3(circuit):
    text = write_circuit(circuit, "qasm3").decode()
    assert text.startswith("OPENQASM 3.0;")
    again = qasm3.loads(text)
    assert again.count_ops() == circuit.count_ops()
    assert [register.name for register in again.cregs] == ["spikes"]


def test_parametric_openqasm_declares_inputs():
    text = write_circuit(neuron_circuit(Template(Neuron(), 1)).circuit, "qasm3").decode()
    assert "input float[64] _phi_0_;" in text


def test_qpy(circuit):
    (again,) = qpy.load(io.BytesIO(write_circuit(circuit, "qpy")))
    assert again == circuit


def test_drawings(circuit):
    assert "spikes" in write_circuit(circuit, "text").decode()
    assert write_circuit(circuit, "png").startswith(b"\x89PNG")
    with pytest.raises(UsageError, match="unknown format 'svg': choose from qasm3, qpy, text, png"):
        write_circuit(circuit, "svg")


def test_measures(circuit):
    abstract = measure_circuit(circuit)
    assert (abstract.qubits, abstract.two_qubit_gates, abstract.measurements) == (2, 4, 2)
    assert abstract.seconds is None
    backend = fake_backend("fake_brisbane")
    device = measure_circuit(transpile_for_device(circuit, backend), backend)
    assert device.two_qubit_gates == 4
    # two steps of two ECR (660 ns), a measurement (1300 ns), a reset (1860 ns) and single-qubit gates
    assert 2 * (2 * 0.66 + 1.3 + 1.86) * 1e-6 < device.seconds < 2 * 5.2e-6
    old = fake_backend("fake_burlington")  # publishes no durations
    assert "duration unknown" in str(measure_circuit(transpile_for_device(circuit, old), old))


def test_duration_is_linear_in_t():
    backend = fake_backend("fake_brisbane")
    times = [
        measure_circuit(
            transpile_for_device(neuron_circuit(Template(Neuron(), steps)).circuit, backend), backend
        ).seconds
        for steps in (5, 10, 15)
    ]
    assert np.diff(times)[0] == pytest.approx(np.diff(times)[1])
