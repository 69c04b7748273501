"""A fused network on a device: one evaluation an execution."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from sqsq.circuits.canonical import canonical_text
from sqsq.circuits.fused import FusedCircuit, fuse
from sqsq.circuits.fused_site import device_site
from sqsq.tables import FusedPlan

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FusedDeviceCircuit:
    """What a device runs for a plan; it is used like a ``PackedCircuit``.

    Attributes:
        fused: The circuit, on all qubits of the device.
        groups: The physical qubits of each neuron, io then memory.
        columns: For each parameter of the circuit, in the circuit's order, its column among phi and theta.
    """

    fused: FusedCircuit
    groups: tuple[tuple[int, ...], ...]
    columns: NDArray[np.intp]

    @property
    def circuit(self) -> QuantumCircuit:
        """The circuit."""
        return self.fused.circuit

    @property
    def evaluations(self) -> int:
        """Evaluations that an execution serves."""
        return 1

    @cached_property
    def text(self) -> str:
        """Its canonical text."""
        return canonical_text(self.circuit)

    def bindings(self, rows: int) -> int:
        """How many bindings of the circuit serve so many evaluations."""
        return rows

    def values(self, angles: FloatArray) -> FloatArray:
        """Parameter values in the circuit's order, from those of phi and theta, shape (rows, ...)."""
        return angles[:, self.columns]


def fuse_for_device(
    plan: FusedPlan, device: Any, groups: tuple[tuple[int, ...], ...], *, mid_circuit: bool = False
) -> FusedDeviceCircuit:
    """Compile a plan for a device.

    Args:
        plan: The network and its rotations.
        device: What has a ``name`` and a ``target``.
        groups: The physical qubits of each neuron, ``place_neurons``.
        mid_circuit: Whether to measure by ``measure_2`` where the device has it.

    Raises:
        BackendError: If the device cannot run the circuit.
    """
    site = device_site(plan.neurons, device, groups=groups, mid_circuit=mid_circuit)
    fused = fuse(plan, site)
    column = {parameter: k for k, parameter in enumerate((*fused.phi, *fused.theta))}
    columns = np.array([column[parameter] for parameter in fused.circuit.parameters], dtype=np.intp)
    return FusedDeviceCircuit(fused, groups, columns)
