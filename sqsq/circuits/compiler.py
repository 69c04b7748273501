"""The circuit compiler for one neuron: a dynamic circuit over T time steps."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter, ParameterVector

from sqsq.checks import real_array
from sqsq.errors import UsageError
from sqsq.tables import UNSCALED, Template


@dataclass(frozen=True, eq=False)
class NeuronCircuit:
    """A parametric dynamic circuit and the order of its parameters.

    Attributes:
        circuit: Register ``io`` of N qubits, register ``memory`` of N^M qubits, and register
            ``spikes`` of T*N bits: bit t*N + n is the spike of io qubit n at step t.
        phi: The parameters of the current angles, T*N of them, step by step, io qubit by io qubit.
        theta: The parameters of the circuit angles, T*K of them, step by step.
    """

    circuit: QuantumCircuit
    phi: tuple[Parameter, ...]
    theta: tuple[Parameter, ...]


def neuron_circuit(template: Template) -> NeuronCircuit:
    """Compile a neuron into a circuit whose every angle is a parameter of its own.

    One step, eq. (4): RX(phi) on every io qubit, V(theta), barrier, measure io, reset io, barrier.
    The barriers keep transpilers from merging gates of different steps. The memory qubits are
    never measured or reset. A calibration has no V(theta).

    Args:
        template: The neuron and T; how much its noise is amplified plays no part, for folding comes after
            transpilation.

    Returns:
        The circuit; it is shared, so copy it before changing it.
    """
    return _every_angle(replace(template, noise=UNSCALED))


@lru_cache(maxsize=64)
def _every_angle(template: Template) -> NeuronCircuit:
    return _compile(template, np.ones(template.phi_shape, bool))


def neuron_circuit_for_currents(template: Template, phi: ArrayLike) -> NeuronCircuit:
    """Compile a neuron for known currents: no RX where a current turns nothing.

    Args:
        template: The neuron and T.
        phi: Current angles, radians, shape (T, N); none negative where the ansatz rectifies currents.

    Returns:
        A circuit with phi bound and theta still parametric (``NeuronCircuit.phi`` is empty).

    Raises:
        UsageError: If phi has another shape, or an angle is negative or not finite.
    """
    low = 0 if template.neuron.definition.rectified else -np.inf
    phi = real_array(phi, "current angles", low=low)
    if phi.shape != template.phi_shape:
        raise UsageError(f"current angles have shape {phi.shape}: this neuron needs {template.phi_shape}")
    turned = phi != 0
    compiled = _compile(template, turned)
    values = dict(zip(compiled.phi, phi[turned].tolist(), strict=True))
    return NeuronCircuit(compiled.circuit.assign_parameters(values), (), compiled.theta)


def _compile(template: Template, rotated: NDArray[np.bool_]) -> NeuronCircuit:
    """Compile with an RX where ``rotated``, shape (T, N), says so."""
    neuron = template.neuron
    io = QuantumRegister(neuron.io_qubits, "io")
    memory = QuantumRegister(neuron.memory_qubits, "memory")
    spikes = ClassicalRegister(template.steps * neuron.io_qubits, "spikes")
    circuit = QuantumCircuit(io, memory, spikes, name="neuron")
    phi = ParameterVector("phi", rotated.size)
    theta = ParameterVector("theta", int(np.prod(template.theta_shape)))
    angles = template.theta_shape[1]
    used = []
    for step in range(template.steps):
        for n in range(neuron.io_qubits):
            if rotated[step, n]:
                used.append(phi[step * neuron.io_qubits + n])
                circuit.rx(used[-1], io[n])
        if not template.calibration:
            neuron.append(circuit, io, memory, theta[step * angles : (step + 1) * angles])
        circuit.barrier()
        circuit.measure(io, spikes[step * neuron.io_qubits : (step + 1) * neuron.io_qubits])
        circuit.reset(io)
        circuit.barrier()
    return NeuronCircuit(circuit, tuple(used), tuple(theta))
