"""The qubits on which a neuron errs least."""

from sqsq.circuits import find_best_group, neuron_circuit, physical_qubits, transpile_for_device
from sqsq.engines.device import Device
from sqsq.tables import Template


def best_group(template: Template, device: Device) -> tuple[int, ...]:
    """The qubits that the unpacked circuit uses: those of least error, also where it needs swaps.

    Errors are those of the operations that the circuit contains: where a device has a measurement of its own
    for the middle of a circuit, the other one does not count.
    """
    if device.measurement != "measure":
        found = find_best_group(template, device.target, device.measurement)
        if found is not None:
            return found
    circuit = neuron_circuit(template.plain).circuit
    return physical_qubits(transpile_for_device(circuit, device), circuit.num_qubits)
