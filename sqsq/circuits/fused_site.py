"""Where a fused network runs, and with which gates: abstract ones, or a device's on its best qubits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from qiskit import QuantumCircuit, QuantumRegister
from qiskit.circuit import Instruction, Measure, Parameter, ParameterExpression, ParameterVector, Qubit

from sqsq.circuits.groups import find_groups
from sqsq.circuits.measurement import mid_circuit_measurement
from sqsq.circuits.transpile import transpile_for_device
from sqsq.errors import BackendError
from sqsq.model import Neuron
from sqsq.tables import Template


@dataclass(frozen=True, eq=False)
class Site:
    """Qubits and gates.

    Attributes:
        registers: The quantum registers of the circuit.
        io: The io qubits of each neuron.
        memory: Its memory qubits.
        turn: Appends RX(angle) to a qubit.
        entangle: Appends V(theta) of a neuron.
        measure: The measurement.
    """

    registers: tuple[QuantumRegister, ...]
    io: tuple[tuple[Qubit, ...], ...]
    memory: tuple[tuple[Qubit, ...], ...]
    turn: Callable[[QuantumCircuit, Qubit, Parameter], None]
    entangle: Callable[[QuantumCircuit, int, Sequence[Parameter]], None]
    measure: Instruction


def abstract_site(members: Sequence[int], neurons: Sequence[Neuron]) -> Site:
    """Registers ``io_i`` and ``memory_i`` for each neuron i, and abstract gates."""
    both = list(zip(members, neurons, strict=True))
    io = [QuantumRegister(neuron.io_qubits, f"io_{i}") for i, neuron in both]
    memory = [QuantumRegister(neuron.memory_qubits, f"memory_{i}") for i, neuron in both]

    def turn(circuit: QuantumCircuit, qubit: Qubit, angle: Parameter) -> None:
        circuit.rx(angle, qubit)

    def entangle(circuit: QuantumCircuit, i: int, theta: Sequence[Parameter]) -> None:
        neurons[i].append(circuit, io[i], memory[i], theta)

    return Site(
        tuple(register for pair in zip(io, memory, strict=True) for register in pair),
        tuple(tuple(register) for register in io),
        tuple(tuple(register) for register in memory),
        turn,
        entangle,
        Measure(),
    )


def device_site(
    neurons: Sequence[Neuron],
    device: Any,
    *,
    groups: tuple[tuple[int, ...], ...] | None = None,
    mid_circuit: bool = True,
) -> Site:
    """Every neuron on a group of qubits of its own, in the device's gates.

    Args:
        neurons: The neurons.
        device: What has a ``name`` and a ``target``.
        groups: The physical qubits of each neuron; chosen by the device's reported errors if None.
        mid_circuit: Whether to measure by ``measure_2``, made for the middle of a circuit, where the device
            has it.

    Raises:
        BackendError: If the device has too few groups of connected, working qubits.
    """
    groups = groups or place_neurons(neurons, device)
    register = QuantumRegister(device.target.num_qubits, "q")
    place = {qubit: k for k, qubit in enumerate(register)}
    turns: dict[int, list[_Gate]] = {}
    entanglers: dict[int, list[_Gate]] = {}

    def turn(circuit: QuantumCircuit, qubit: Qubit, angle: Parameter) -> None:
        where = place[qubit]
        if where not in turns:
            turns[where] = _compiled_turn(device, where)
        _append(circuit, register, turns[where], (angle,))

    def entangle(circuit: QuantumCircuit, i: int, theta: Sequence[Parameter]) -> None:
        if i not in entanglers:
            entanglers[i] = _compiled_entangler(neurons[i], device, groups[i])
        _append(circuit, register, entanglers[i], theta)

    widths = [neuron.io_qubits for neuron in neurons]
    return Site(
        (register,),
        tuple(tuple(register[q] for q in g[:n]) for g, n in zip(groups, widths, strict=True)),
        tuple(tuple(register[q] for q in g[n:]) for g, n in zip(groups, widths, strict=True)),
        turn,
        entangle,
        mid_circuit_measurement(device.target) if mid_circuit else Measure(),
    )


def place_neurons(neurons: Sequence[Neuron], device: Any) -> tuple[tuple[int, ...], ...]:
    """Disjoint groups of qubits for all neurons, the larger kinds first.

    Raises:
        BackendError: If there are too few.
    """
    kinds: dict[Neuron, list[int]] = {}
    for i, neuron in enumerate(neurons):
        kinds.setdefault(neuron, []).append(i)
    taken: set[int] = set()
    groups: list[tuple[int, ...]] = [()] * len(neurons)
    for kind in sorted(kinds, key=lambda neuron: -neuron.io_qubits - neuron.memory_qubits):
        measurement = getattr(device, "measurement", "measure")  # a simulated backend has none of its own
        found = find_groups(Template(kind, 1), device.target, device.name, measurement=measurement)
        free = [group for group in found if taken.isdisjoint(group)]
        members = kinds[kind]
        if len(free) < len(members):
            qubits = sum(neuron.io_qubits + neuron.memory_qubits for neuron in neurons)
            raise BackendError(
                f"a network of {len(neurons)} neurons ({qubits} qubits) does not fit on "
                f"{device.name}: it has room for {len(free)} of the {len(members)} neurons with "
                f"{kind.io_qubits} io and {kind.memory_qubits} memory qubits; run it layer by layer instead"
            )
        for i, group in zip(members, free, strict=False):
            groups[i] = group
            taken |= set(group)
    return tuple(groups)


@dataclass(frozen=True, eq=False)
class _Gate:
    """A gate on physical qubits; parametric angles stand for expressions of the piece's own parameters."""

    operation: Instruction
    qubits: tuple[int, ...]


def _compiled_turn(device: Any, qubit: int) -> list[_Gate]:
    piece = QuantumCircuit(1)
    piece.rx(ParameterVector("piece", 1)[0], 0)
    return _gates(transpile_for_device(piece, device, (qubit,)))


def _compiled_entangler(neuron: Neuron, device: Any, group: tuple[int, ...]) -> list[_Gate]:
    piece = QuantumCircuit(neuron.io_qubits + neuron.memory_qubits)
    theta = ParameterVector("piece", len(neuron.angles))
    qubits = piece.qubits
    neuron.append(piece, qubits[: neuron.io_qubits], qubits[neuron.io_qubits :], theta)
    return _gates(transpile_for_device(piece, device, group))


def _gates(circuit: QuantumCircuit) -> list[_Gate]:
    return [
        _Gate(item.operation, tuple(circuit.find_bit(qubit).index for qubit in item.qubits))
        for item in circuit.data
    ]


def _append(
    circuit: QuantumCircuit, register: QuantumRegister, gates: list[_Gate], values: Sequence[Parameter]
) -> None:
    """Append gates with the piece's parameters replaced."""
    for gate in gates:
        operation = gate.operation
        free = [p for p in operation.params if isinstance(p, ParameterExpression) and p.parameters]
        if free:
            operation = operation.to_mutable()
            operation.params = [
                p.subs({own: values[own.index] for own in p.parameters})
                if isinstance(p, ParameterExpression)
                else p
                for p in operation.params
            ]
        circuit.append(operation, [register[qubit] for qubit in gate.qubits])
