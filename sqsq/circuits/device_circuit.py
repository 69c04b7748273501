"""A template as a device runs it."""

from collections.abc import Sequence
from typing import Any

from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister

from sqsq.circuits.compiler import neuron_circuit
from sqsq.circuits.folding import fold_circuit
from sqsq.circuits.transpile import transpile_for_device
from sqsq.tables import Template


def device_circuit(template: Template, device: Any, layout: Sequence[int] | None = None) -> QuantumCircuit:
    """Transpile a neuron, then fold it, or keep of it what a calibration needs, or both.

    A neuron, its folds and its calibration use the same physical qubits: all start from the transpiled
    neuron.

    Args:
        template: What to run.
        device: What has a ``name`` and a ``target``, such as a Qiskit BackendV2.
        layout: The physical qubits, io then memory; those of least reported error if None.

    Returns:
        A circuit on all qubits of the device, with the parameters of ``neuron_circuit(template)``; register
        ``spikes`` holds T*N bits for each reading, see ``fold_circuit``.

    Raises:
        BackendError: If the device cannot run the circuit, or a gate cannot be folded.
    """
    circuit = transpile_for_device(neuron_circuit(template.plain).circuit, device, layout)
    if template.calibration:
        circuit = _calibration(template, circuit, device)
    return fold_circuit(circuit, template.noise, device.target.operation_names)


def _calibration(template: Template, transpiled: QuantumCircuit, device: Any) -> QuantumCircuit:
    """RX(phi) where the transpiled neuron measures, and the measurements and resets, step by step."""
    measured = {
        transpiled.find_bit(item.clbits[0]).index: transpiled.find_bit(item.qubits[0]).index
        for item in transpiled.data
        if item.operation.name == "measure"
    }
    size = device.target.num_qubits
    bits = ClassicalRegister(len(measured), "spikes")
    circuit = QuantumCircuit(QuantumRegister(size, "q"), bits, name="calibration")
    phi = neuron_circuit(template).phi
    for own in range(0, len(measured), template.neuron.io_qubits):
        places = range(own, own + template.neuron.io_qubits)
        qubits = [measured[place] for place in places]
        for place, qubit in zip(places, qubits, strict=True):
            circuit.rx(phi[place], qubit)
        circuit.barrier(qubits)
        circuit.measure(qubits, bits[places.start : places.stop])
        circuit.reset(qubits)
        circuit.barrier(qubits)
    return transpile_for_device(circuit, device, range(size))
