"""A simulated circuit as real matrices in the Pauli basis, step by step.

A density matrix of Q qubits is the real vector of Tr(P rho) over the 4^Q Pauli products P; a gate, its
error and a relaxation are real matrices on it. A gate that turns by an angle a is C0 + C1 cos(a) +
C2 sin(a).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import Parameter
from qiskit.quantum_info import PTM, SuperOp

from sqsq.circuits import affine_circuit
from sqsq.engines.simulated import SimulatedCircuit
from sqsq.errors import BackendError

FloatArray = NDArray[np.float64]
THIRDS = np.array([0.0, 2 * np.pi / 3, 4 * np.pi / 3])
HARMONICS = np.linalg.inv(np.stack([np.ones(3), np.cos(THIRDS), np.sin(THIRDS)], axis=1))
"""From values at 0, 2 pi/3 and 4 pi/3 to the coefficients of 1, cos and sin."""
PROJECTORS = np.array([[0.5, 0.0, 0.0, 0.5], [0.5, 0.0, 0.0, -0.5]])
"""The effects of a true 0 and 1; the states are twice these."""
_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Fixed:
    """A matrix on some qubits, shape (4^k, 4^k), the first qubit the most significant."""

    qubits: tuple[int, ...]
    matrix: FloatArray


@dataclass(frozen=True, eq=False)
class Turn:
    """A gate that turns by an angle affine in phi and theta of its step.

    Attributes:
        qubits: The qubits.
        harmonics: C0, C1, C2, shape (3, 4^k, 4^k).
        slope: The angle's coefficients of phi and theta of the step, shape (N + K,).
        offset: Its constant part, radians.
    """

    qubits: tuple[int, ...]
    harmonics: FloatArray
    slope: FloatArray
    offset: float


@dataclass(frozen=True, eq=False)
class Measure:
    """A measurement of io qubit ``channel``, or the parity of several readings of it.

    ``effects`` are those of recorded 0 and 1, shape (2, 4).
    """

    qubit: int
    channel: int
    effects: FloatArray


@dataclass(frozen=True, eq=False)
class Reset:
    """A reset, after which the qubit is in ``state``, shape (4,), whatever it was."""

    qubit: int
    state: FloatArray


Operation = Fixed | Turn | Measure | Reset


def wires_of(operation: Operation) -> tuple[int, ...]:
    """The qubits of an operation."""
    return operation.qubits if isinstance(operation, Fixed | Turn) else (operation.qubit,)


def step_operations(
    simulated: SimulatedCircuit, order: Sequence[Parameter], steps: int, io_qubits: int, readings: int = 1
) -> list[tuple[Operation, ...]]:
    """Split a circuit into its time steps, each a list of matrices.

    Args:
        simulated: The circuit and the errors it runs under.
        order: Its parameters: T*N of phi, then T*K of theta.
        steps: T.
        io_qubits: N.
        readings: How often each measurement and each reset is repeated.

    Returns:
        The operations of each step; the readings of a measurement are one ``Measure``.

    Raises:
        BackendError: If an operation has no such form.
    """
    affine = affine_circuit(simulated.circuit, order)
    angles = (len(order) - steps * io_qubits) // steps
    column = {parameter: k for k, parameter in enumerate(affine.parameters)}
    found: list[list[Operation]] = [[]]
    resets = 0
    errors = {where: _matrix(error) for where, error in simulated.gate_errors.items()}
    turning: dict[str, FloatArray] = {}
    circuit = affine.circuit
    for item in circuit.data:
        operation = item.operation
        qubits = tuple(circuit.find_bit(qubit).index for qubit in item.qubits)
        if operation.name == "barrier":
            if resets == io_qubits * readings and len(found) < steps:
                found.append([])
                resets = 0
            continue
        if operation.name == "measure":
            channel = circuit.find_bit(item.clbits[0]).index % io_qubits
            found[-1].append(Measure(qubits[0], channel, _effects(simulated.readout(qubits[0]))))
            continue
        if operation.name == "reset":
            resets += 1
            state = np.array([1.0, 0.0, 0.0, 1.0])
            if ("reset", qubits) in errors:
                state = errors["reset", qubits] @ state
            found[-1].append(Reset(qubits[0], state))
            continue
        free = [value for value in operation.params if isinstance(value, Parameter)]
        if free:
            own = affine.matrix[:, column[free[0]]]
            step = len(found) - 1
            phi = own[step * io_qubits : (step + 1) * io_qubits]
            theta = own[steps * io_qubits :][step * angles : (step + 1) * angles]
            slope = np.concatenate([phi, theta])
            if np.count_nonzero(slope) != np.count_nonzero(own):
                raise BackendError(f"a {operation.name} gate mixes angles of several steps: use aer")
            offset = float(affine.offset[column[free[0]]])
            if operation.name not in turning:
                turning[operation.name] = _harmonics(operation)
            found[-1].append(Turn(qubits, turning[operation.name], slope, offset))
        else:
            found[-1].append(Fixed(qubits, _matrix(operation)))
        if (operation.name, qubits) in errors:
            found[-1].append(Fixed(qubits, errors[operation.name, qubits]))
    return [tuple(_joined(_merged(operations))) for operations in found]


def _matrix(operation: Any) -> FloatArray:
    """The Pauli transfer matrix of a gate, channel or error, first qubit most significant."""
    data = np.real(np.asarray(PTM(SuperOp(operation)).data))
    qubits = round(np.log(len(data)) / np.log(4))
    axes = (*range(qubits)[::-1], *range(qubits, 2 * qubits)[::-1])
    return np.ascontiguousarray(data.reshape((4,) * 2 * qubits).transpose(axes).reshape(data.shape))


def _harmonics(operation: Any) -> FloatArray:
    """C0, C1 and C2 of a gate with one free angle, checked at a fourth angle.

    Raises:
        BackendError: If the gate has other frequencies than 1.
    """

    def at(angle: float) -> FloatArray:
        bound = operation.to_mutable()
        bound.params = [angle]
        return _matrix(bound)

    if len(operation.params) != 1:
        raise BackendError(
            f"a {operation.name} gate has several angles, which this engine cannot turn: use aer"
        )
    harmonics = np.tensordot(HARMONICS, np.stack([at(angle) for angle in THIRDS]), axes=1)
    fourth = np.tensordot([1.0, np.cos(0.7), np.sin(0.7)], harmonics, axes=1)
    if np.abs(fourth - at(0.7)).max() > _TOLERANCE:
        raise BackendError(f"a {operation.name} gate oscillates faster than its angle: use aer")
    return harmonics


def _effects(confusion: FloatArray) -> FloatArray:
    """What recorded 0 and 1 mean: row b is sum over true x of P(b | x) times the projector on x."""
    effects: FloatArray = confusion.T @ PROJECTORS
    return effects


def _merged(operations: list[Operation]) -> list[Operation]:
    """Multiply neighbouring matrices on one and the same qubit."""
    merged: list[Operation] = []
    last: dict[int, int] = {}
    for operation in operations:
        wires = wires_of(operation)
        place = last.get(wires[0])
        if isinstance(operation, Fixed) and len(wires) == 1 and place is not None:
            before = merged[place]
            if isinstance(before, Fixed) and before.qubits == wires:
                merged[place] = Fixed(wires, operation.matrix @ before.matrix)
                continue
            if isinstance(before, Turn) and before.qubits == wires:
                turned = operation.matrix @ before.harmonics
                merged[place] = Turn(wires, turned, before.slope, before.offset)
                continue
        last.update(dict.fromkeys(wires, len(merged)))
        merged.append(operation)
    return merged


def _joined(operations: list[Operation]) -> list[Operation]:
    """Make the readings of a measurement one ``Measure`` of their parity."""
    readings: dict[int, list[int]] = {}
    for place, operation in enumerate(operations):
        if isinstance(operation, Measure):
            readings.setdefault(operation.qubit, []).append(place)
    joined: dict[int, Measure | None] = {}
    for places in readings.values():
        effects = _measure_at(operations, places[-1]).effects
        for earlier, later in reversed(list(pairwise(places))):
            between = _channel(operations[earlier + 1 : later], _measure_at(operations, later).qubit)
            effects = _parity_effects(_measure_at(operations, earlier).effects, effects @ between)
        joined |= dict.fromkeys(places)
        joined[places[0]] = replace(_measure_at(operations, places[0]), effects=effects)
    kept = (joined.get(place, operation) for place, operation in enumerate(operations))
    return [operation for operation in kept if operation is not None]


def _measure_at(operations: list[Operation], place: int) -> Measure:
    measure = operations[place]
    assert isinstance(measure, Measure)
    return measure


def _channel(operations: list[Operation], qubit: int) -> FloatArray:
    """What happens to a qubit between two readings of it, shape (4, 4)."""
    channel = np.eye(4)
    for operation in operations:
        if qubit not in wires_of(operation):
            continue
        if not isinstance(operation, Fixed) or len(operation.qubits) > 1:
            raise BackendError("a gate acts on an io qubit between two readings of it: use aer")
        channel = operation.matrix @ channel
    return channel


def _parity_effects(first: FloatArray, rest: FloatArray) -> FloatArray:
    """The effects of the parity of a reading and of what is read after it.

    Args:
        first: The effects of the reading, shape (2, 4).
        rest: Those of the parity of the later readings, on the state that this one leaves, shape (2, 4).
    """
    effects = np.zeros((2, 4))
    for projector, state in zip(PROJECTORS, 2 * PROJECTORS, strict=True):
        recorded, later = first @ state, rest @ state  # probabilities of 0 and 1, given the true state
        parity = [recorded @ later, recorded @ later[::-1]]
        effects += np.outer(parity, projector)
    return effects
