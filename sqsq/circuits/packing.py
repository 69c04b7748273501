"""Neurons side by side: one device circuit that runs the same template on several groups of qubits."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Measure, Parameter, ParameterVector
from qiskit.transpiler import Target

from sqsq.circuits.canonical import canonical_text
from sqsq.circuits.compiler import neuron_circuit
from sqsq.circuits.cut import used_qubits
from sqsq.circuits.decode import parity
from sqsq.circuits.device_circuit import device_circuit
from sqsq.circuits.measurement import mid_circuit_measurement
from sqsq.errors import UsageError
from sqsq.tables import Template

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class PackedBits:
    """What a packed circuit measures: known without the circuit, so that results outlive a device.

    Attributes:
        template: What runs on every group.
        groups: How many groups there are.
    """

    template: Template
    groups: int

    @property
    def registers(self) -> tuple[tuple[str, int], ...]:
        """Names and sizes of the classical registers."""
        steps, io_qubits = self.template.phi_shape
        size = steps * io_qubits * self.template.noise.readings
        return tuple((f"spikes_{k}", size) for k in range(self.groups))

    def bindings(self, rows: int) -> int:
        """How many bindings of the circuit serve so many evaluations."""
        return -(-rows // self.groups)

    def spikes(self, bits: list[NDArray[np.uint8]], rows: int) -> NDArray[np.uint8]:
        """Put the bits of each group back into the order of the evaluations.

        Args:
            bits: For each group, uint8, shape (bindings, shots, readings*T*N).
            rows: The number of evaluations.

        Returns:
            Spikes, uint8, shape (rows, shots, T, N).
        """
        by_row = np.stack(bits, axis=1).reshape(-1, *bits[0].shape[1:])[:rows]
        spikes = parity(by_row, self.template.noise.readings)
        return spikes.reshape(*spikes.shape[:2], *self.template.phi_shape)


@dataclass(frozen=True, eq=False)
class PackedCircuit:
    """A device circuit that serves several evaluations an execution.

    Attributes:
        template: What runs on every group.
        circuit: On all qubits of the device; register ``spikes_k`` holds the bits of group k, bit
            r*T*N + t*N + n reading r of the spike of io qubit n at step t.
        groups: The physical qubits of each group, io then memory.
        columns: For each parameter of the circuit, in the circuit's order, its group and its column
            among phi and theta, shape (parameters, 2).
    """

    template: Template
    circuit: QuantumCircuit
    groups: tuple[tuple[int, ...], ...]
    columns: NDArray[np.intp]

    @cached_property
    def text(self) -> str:
        """Its canonical text."""
        return canonical_text(self.circuit)

    @property
    def evaluations(self) -> int:
        """Evaluations that an execution serves."""
        return len(self.groups)

    @property
    def bits(self) -> PackedBits:
        """What it measures."""
        return PackedBits(self.template, len(self.groups))

    def bindings(self, rows: int) -> int:
        """How many bindings of the circuit serve so many evaluations."""
        return self.bits.bindings(rows)

    def values(self, angles: FloatArray) -> FloatArray:
        """Parameter values; evaluation r runs in binding r // groups on group r % groups.

        Args:
            angles: One row of phi and theta an evaluation, ``EvaluationTable.values``.

        Returns:
            Shape (bindings, parameters); groups without an evaluation turn nothing.
        """
        groups = len(self.groups)
        padded = np.zeros((self.bindings(len(angles)) * groups, angles.shape[1]))
        padded[: len(angles)] = angles
        by_group = padded.reshape(-1, groups, angles.shape[1])
        return by_group[:, self.columns[:, 0], self.columns[:, 1]]

    def spikes(self, bits: list[NDArray[np.uint8]], rows: int) -> NDArray[np.uint8]:
        """Put the bits of each group back into the order of the evaluations; see ``PackedBits.spikes``."""
        return self.bits.spikes(bits, rows)


def pack_neurons(
    template: Template, device: Any, groups: tuple[tuple[int, ...], ...], *, mid_circuit: bool = False
) -> PackedCircuit:
    """Compile one circuit that runs a template on every group at once.

    Args:
        template: What to run.
        device: What has a ``name`` and a ``target``, such as a Qiskit BackendV2.
        groups: Disjoint groups of physical qubits.
        mid_circuit: Whether to measure by ``measure_2``, made for the middle of a circuit, where the device
            has it.

    Raises:
        UsageError: If groups overlap, also by the swaps that a group needs.
        BackendError: If the device cannot run the circuit.
    """
    compiled = neuron_circuit(template)
    order = (*compiled.phi, *compiled.theta)
    qubits = QuantumRegister(device.target.num_qubits, "q")
    bits = PackedBits(template, len(groups))
    registers = [ClassicalRegister(size, name) for name, size in bits.registers]
    packed = QuantumCircuit(qubits, *registers, name="neurons")
    measurement = mid_circuit_measurement(device.target) if mid_circuit else Measure()
    column: dict[Parameter, tuple[int, int]] = {}
    taken: set[int] = set()
    for k, (alone, place) in enumerate(_alone(template, device, groups)):
        group = groups[k]
        used = [place.get(qubit, qubit) for qubit in used_qubits(alone)]
        if not taken.isdisjoint(used):
            raise UsageError(
                f"layout group {list(group)} needs qubits {list(used)}, which overlap another group's: "
                "choose disjoint, connected groups"
            )
        taken |= set(used)
        own = ParameterVector(f"group_{k}", len(order))
        column |= {parameter: (k, j) for j, parameter in enumerate(own)}
        renamed = alone.assign_parameters(
            {old: new for old, new in zip(order, own, strict=True) if old in alone.parameters}
        )
        for item in renamed.data:
            where = (renamed.find_bit(qubit).index for qubit in item.qubits)
            packed.append(
                measurement if item.operation.name == "measure" else item.operation,
                [place.get(qubit, qubit) for qubit in where],
                [registers[k][renamed.find_bit(bit).index] for bit in item.clbits],
            )
    columns = np.array([column[parameter] for parameter in packed.parameters], dtype=np.intp)
    return PackedCircuit(template, packed, groups, columns.reshape(-1, 2))


def _alone(
    template: Template, device: Any, groups: tuple[tuple[int, ...], ...]
) -> Iterator[tuple[QuantumCircuit, dict[int, int]]]:
    """The circuit of each group, and which qubits of it stand for which of the group's.

    Groups that offer the same gates in the same directions share one: transpiling takes most of the time.
    """
    known: dict[frozenset[tuple[str, tuple[int, ...]]], tuple[tuple[int, ...], QuantumCircuit]] = {}
    for group in groups:
        offered = _offered(device.target, group)
        if offered in known:
            first, circuit = known[offered]
            yield circuit, dict(zip(first, group, strict=True))
            continue
        circuit = device_circuit(template, device, group)
        touched = {circuit.find_bit(qubit).index for item in circuit.data for qubit in item.qubits}
        if touched <= set(group):  # no swap through other qubits
            known[offered] = group, circuit
        yield circuit, {}


def _offered(target: Target, group: tuple[int, ...]) -> frozenset[tuple[str, tuple[int, ...]]]:
    """Which operations a device has on which qubits of a group, by their places in it."""
    place = {qubit: k for k, qubit in enumerate(group)}
    return frozenset(
        (name, tuple(place[qubit] for qubit in qubits))
        for name in target.operation_names
        for qubits in target[name] or ()
        if qubits is not None and all(qubit in place for qubit in qubits)
    )
