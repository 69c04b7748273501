"""A device's noise on the few qubits that a neuron uses."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import IfElseOp
from qiskit.transpiler import Target
from qiskit_aer.noise import thermal_relaxation_error
from qiskit_aer.noise.device import basic_device_gate_errors, basic_device_readout_errors

from sqsq.engines.simulated import SimulatedCircuit
from sqsq.errors import BackendError


def with_device_errors(circuit: QuantumCircuit, target: Target) -> SimulatedCircuit:
    """Add the gate, reset and readout errors of ``NoiseModel.from_backend``, idle noise aside.

    ``from_backend`` takes seconds for the hundred qubits that a neuron does not use.

    Args:
        circuit: A circuit on the qubits of ``target``.
        target: The target of the qubits in use.
    """
    return SimulatedCircuit(
        circuit,
        gate_errors={
            (name, tuple(qubits)): error
            for name, qubits, error in basic_device_gate_errors(target=target)
            if error is not None
        },
        readout_errors={
            qubits[0]: np.asarray(error.probabilities)
            for qubits, error in basic_device_readout_errors(target=target)
        },
    )


def delays_as_relaxation(circuit: QuantumCircuit, target: Target, device: str) -> QuantumCircuit:
    """Replace every delay by the thermal relaxation that happens meanwhile.

    Args:
        circuit: A circuit with delays, on the qubits of ``target``.
        target: The target of the qubits in use, with dt, T1 and T2.
        device: Its name, for errors.

    Raises:
        BackendError: If the device does not publish T1 and T2.
    """
    relaxations: dict[tuple[int, float], Any] = {}

    def relaxed(part: QuantumCircuit, physical: Sequence[int]) -> QuantumCircuit:
        noisy = part.copy_empty_like()
        for item in part.data:
            operation = item.operation
            qubits = [physical[part.find_bit(qubit).index] for qubit in item.qubits]
            if isinstance(operation, IfElseOp):
                bodies = [relaxed(body, qubits) for body in operation.blocks]
                noisy.append(operation.replace_blocks(bodies), item.qubits, item.clbits)
                continue
            if operation.name != "delay":
                noisy.append(item)
                continue
            seconds = operation.duration * (target.dt if operation.unit == "dt" else 1)
            if (qubits[0], seconds) not in relaxations:
                relaxations[qubits[0], seconds] = _relaxation(target, qubits[0], seconds, device)
            noisy.append(relaxations[qubits[0], seconds], item.qubits)
        return noisy

    return relaxed(circuit, range(circuit.num_qubits))


def _relaxation(target: Target, qubit: int, seconds: float, device: str) -> Any:
    properties = (target.qubit_properties or [None] * target.num_qubits)[qubit]
    t1, t2 = getattr(properties, "t1", None), getattr(properties, "t2", None)
    if t1 is None or t2 is None:
        raise BackendError(
            f"{device} publishes no T1 and T2 of a qubit in use, so its idle noise is unknown: switch "
            "idle noise off (--no-idle-noise) or choose another device"
        )
    return thermal_relaxation_error(t1, min(t2, 2 * t1), seconds)
