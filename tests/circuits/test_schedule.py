"""Durations: Qiskit's own for circuits without control flow, and by hand for those with."""

import pytest
from qiskit import QuantumCircuit

from sqsq.circuits import duration, neuron_circuit, transpile_for_device
from sqsq.circuits.schedule import CONDITIONAL_LATENCY
from sqsq.engines.fake import fake_backend
from sqsq.model import Neuron
from sqsq.tables import Template


@pytest.mark.parametrize("device", ["fake_brisbane", "fake_boston", "fake_lagos"])
@pytest.mark.parametrize("neuron", [Neuron(), Neuron(2, 1)], ids=str)
def test_durations_are_qiskits(device, neuron):
    backend = fake_backend(device)
    circuit = transpile_for_device(neuron_circuit(Template(neuron, 5)).circuit, backend)
    assert duration(circuit, backend.target, device) == pytest.approx(
        circuit.estimate_duration(backend.target, unit="s"), rel=1e-12
    )


def test_a_conditional_waits_for_its_bit_and_its_latency():
    target = fake_backend("fake_brisbane").target
    circuit = QuantumCircuit(127, 1)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], True)):
        circuit.x(1)
    circuit.measure(1, 0)
    by_hand = (
        target["measure"][(0,)].duration
        + CONDITIONAL_LATENCY
        + target["x"][(1,)].duration
        + target["measure"][(1,)].duration
    )
    assert duration(circuit, target, "fake_brisbane") == pytest.approx(by_hand)
