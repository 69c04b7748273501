"""A time step of a neuron as a quantum instrument.

Between two steps the io qubits are freshly reset, so the state is that of the other qubits: a real
vector v of D = 4^(qubits - N) numbers whose first is the probability of all spikes so far. For each
spike pattern b a step multiplies it by a real matrix that is a first-degree trigonometric polynomial
in every phi: M_b(phi) = A_b + B_b cos(phi) + C_b sin(phi) for N = 1, products of such factors for
more. Where gates are folded, phi occurs several times with noise between, and the degree is as high.
The matrices are exact about gate, readout, reset and idle errors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from sqsq.engines.exact.angles import cosine_and_sine
from sqsq.engines.exact.operations import Fixed, Measure, Operation, Reset, Turn, wires_of
from sqsq.errors import BackendError

FloatArray = NDArray[np.float64]
MEMORY_LIMIT = 4 * 2**30
"""Bytes of instruments above which an engine refuses a neuron."""

_WORKING = 2**26
"""About how many bytes a working array takes while instruments are built."""


@dataclass(frozen=True, eq=False)
class StepProgram:
    """The operations of one step and what it starts from.

    Attributes:
        operations: What happens.
        carried: The qubits whose state is carried into the step.
        fresh: The states of the other qubits, freshly reset, by qubit.
        first: Whether it is the first step, before which all qubits are in their ground state.
        degree: That of the trigonometric polynomial in every phi, at least 1.
    """

    operations: tuple[Operation, ...]
    carried: tuple[int, ...]
    fresh: dict[int, FloatArray]
    first: bool
    degree: int

    @property
    def dimension(self) -> int:
        """D, the size of the state between steps."""
        return int(4 ** len(self.carried))

    def signature(self) -> bytes:
        """Equal for steps that do the same."""
        parts = [repr((self.carried, self.first)).encode()]
        parts += [repr(qubit).encode() + state.tobytes() for qubit, state in sorted(self.fresh.items())]
        for operation in self.operations:
            parts.append(f"{type(operation).__name__}{wires_of(operation)}".encode())
            if isinstance(operation, Fixed):
                parts.append(np.round(operation.matrix, 12).tobytes())
            elif isinstance(operation, Turn):
                parts.append(np.round(operation.harmonics, 12).tobytes())
                parts.append(np.round([*operation.slope, operation.offset], 12).tobytes())
            elif isinstance(operation, Measure):
                parts.append(bytes([operation.channel]) + operation.effects.tobytes())
            else:
                parts.append(operation.state.tobytes())
        return b"|".join(parts)


def step_programs(steps: Sequence[tuple[Operation, ...]], qubits: int, io_qubits: int) -> list[StepProgram]:
    """Follow which qubits carry the state from step to step.

    Args:
        steps: The operations of each step.
        qubits: The qubits of the circuit.
        io_qubits: N.
    """
    ground = np.array([1.0, 0.0, 0.0, 1.0])
    measured = [op.qubit for op in steps[0] if isinstance(op, Measure)]
    carried = tuple(sorted(set(range(qubits)) - set(measured)))
    fresh = dict.fromkeys(measured, ground)
    degree = max(_degree(operations, io_qubits) for operations in steps)
    programs = []
    for number, operations in enumerate(steps):
        programs.append(StepProgram(operations, carried, fresh, number == 0, degree))
        fresh = {op.qubit: _fresh_state(operations, op) for op in operations if isinstance(op, Reset)}
        carried = tuple(sorted(set(range(qubits)) - set(fresh)))
    if any(len(program.fresh) != io_qubits for program in programs):
        raise BackendError("a time step does not reset each io qubit once: use aer")
    return programs


def _degree(operations: tuple[Operation, ...], io_qubits: int) -> int:
    """How often the phi of a step occurs in it, the most frequent one."""
    turns = [np.abs(operation.slope[:io_qubits]) for operation in operations if isinstance(operation, Turn)]
    return max(1, int(np.ceil(np.max(np.sum(turns, axis=0)) - 1e-9))) if turns else 1


def _fresh_state(operations: tuple[Operation, ...], reset: Reset) -> FloatArray:
    """The state of a qubit after its reset and what happens to it until the step ends."""
    state = reset.state
    for operation in operations[operations.index(reset) + 1 :]:
        if isinstance(operation, Fixed) and operation.qubits == (reset.qubit,):
            state = operation.matrix @ state
    return state


def build_instruments(program: StepProgram, theta: FloatArray, io_qubits: int) -> FloatArray:
    """The matrices of a step for many angles at once.

    Args:
        program: The step.
        theta: Circuit angles, radians, shape (rows, K).
        io_qubits: N.

    Returns:
        Shape (rows, 2^N, F, D, D): for each spike pattern (bit n is io qubit n) the F coefficients of
        ``polynomial_basis(phi, program.degree)``, 3^N without folds. The first step
        starts from the ground state, whatever vector it is given: only column 0 is not zero.

    Raises:
        BackendError: If the matrices would not fit in memory.
    """
    rows, dimension = len(theta), program.dimension
    factors = (2 * program.degree + 1) ** io_qubits
    needed = rows * 2**io_qubits * factors * dimension**2 * 8
    if needed > MEMORY_LIMIT:
        raise BackendError(
            f"the instruments of {rows} sets of angles of this neuron need {needed:,} bytes, more than "
            f"{MEMORY_LIMIT:,}: use fewer memory qubits, or aer"
        )
    at_once = max(_WORKING // (factors * 4**io_qubits * dimension**2 * 8), 1)
    parts = [_build(program, theta[k : k + at_once], io_qubits) for k in range(0, rows, at_once)]
    return np.concatenate(parts)


def _build(program: StepProgram, theta: FloatArray, io_qubits: int) -> FloatArray:
    rows, dimension = len(theta), program.dimension
    count = 2 * program.degree + 1
    factors = count**io_qubits
    nodes = np.array([2 * np.pi * k / count for k in range(count)], dtype=np.float64)
    harmonics = np.linalg.inv(polynomial_basis(nodes[:, None], program.degree)).astype(np.float64)
    points = np.array(list(product(nodes, repeat=io_qubits)))
    angles = np.concatenate(
        [np.tile(points, (rows, 1)), np.repeat(theta, len(points), axis=0)], axis=1
    )  # (rows * F, N + K)
    values = _run(program, angles, io_qubits)
    shape = (rows, *(count,) * io_qubits, 2**io_qubits, program.dimension, values.shape[-1])
    values = values.reshape(shape)
    for n in range(io_qubits):
        transformed = np.tensordot(harmonics, values, axes=(1, 1 + n))
        values = np.moveaxis(np.asarray(transformed, np.float64), 0, 1 + n)
    values = values.reshape(rows, factors, *shape[1 + io_qubits :]).swapaxes(1, 2)
    if program.first:
        values = np.pad(values, [(0, 0)] * 4 + [(0, dimension - 1)])
    return values


def _run(program: StepProgram, angles: FloatArray, io_qubits: int) -> FloatArray:
    """Push the basis of the carried state through a step.

    Returns:
        Shape (rows, 2^N, D, columns).
    """
    qubits = sorted((*program.carried, *program.fresh))
    if program.first:
        carried: FloatArray = np.ones((1, 1))
        for _ in program.carried:
            carried = np.kron(carried, np.array([[1.0], [0.0], [0.0], [1.0]]))
    else:
        carried = np.eye(program.dimension)
    columns = carried.shape[1]
    wires = list(program.carried)
    state: FloatArray = carried.reshape((1, 1, *(4,) * len(wires), columns))
    for qubit, fresh in program.fresh.items():
        state = np.expand_dims(state, 2) * fresh.reshape((1, 1, 4, *(1,) * len(wires), 1))
        wires.insert(0, qubit)
    channels: list[int] = []
    for operation in program.operations:
        if isinstance(operation, Measure):
            state, wires = _measure(state, wires, operation)
            channels.append(operation.channel)
        elif not isinstance(operation, Reset) and set(operation.qubits) <= set(wires):
            state = _apply(state, wires, operation, angles)
        elif not isinstance(operation, Reset) and len(operation.qubits) > 1:
            raise BackendError("a gate acts on an io qubit between its measurement and its reset: use aer")
    remaining = sorted(wires)
    order = [2 + wires.index(qubit) for qubit in remaining]
    assert len(remaining) + len(channels) == len(qubits)
    state = state.transpose(0, 1, *order, state.ndim - 1)
    state = np.broadcast_to(state, (len(angles), *state.shape[1:]))
    state = state.reshape(len(angles), *(2,) * io_qubits, -1, columns)
    # the outcome of the last measurement varies fastest; bit n of a pattern must be io qubit n
    axes = [1 + channels.index(n) for n in reversed(range(io_qubits))]
    state = state.transpose(0, *axes, 1 + io_qubits, 2 + io_qubits)
    return state.reshape(len(angles), 2**io_qubits, -1, columns)


def _apply(state: FloatArray, wires: list[int], operation: Fixed | Turn, angles: FloatArray) -> FloatArray:
    """Multiply by a matrix on some qubits. State: (rows or 1, outcomes, 4, ..., 4, columns)."""
    axes = [2 + wires.index(qubit) for qubit in operation.qubits]
    front = list(range(2, 2 + len(axes)))
    moved = np.moveaxis(state, axes, front)
    shape = moved.shape
    flat: FloatArray = moved.reshape(shape[0], shape[1], 4 ** len(axes), -1)
    if isinstance(operation, Fixed):
        flat = operation.matrix @ flat
    else:
        cosine, sine = turn_by(operation, angles)
        basis = np.stack([np.ones_like(cosine), cosine, sine], axis=1)
        matrices: FloatArray = np.tensordot(basis, operation.harmonics, axes=1).astype(np.float64)
        flat = matrices[:, None] @ flat
    return np.moveaxis(flat.reshape(len(flat), *shape[1:]), front, axes)


def _measure(state: FloatArray, wires: list[int], measure: Measure) -> tuple[FloatArray, list[int]]:
    """Split by the recorded outcome; the qubit leaves until it is reset."""
    axis = 2 + wires.index(measure.qubit)
    by_outcome = np.tensordot(measure.effects, state, axes=(1, axis))
    split = np.moveaxis(np.asarray(by_outcome, np.float64), 0, 2)
    merged = split.reshape(split.shape[0], split.shape[1] * 2, *split.shape[3:])
    return merged, [wire for wire in wires if wire != measure.qubit]


def polynomial_basis(phi: FloatArray, degree: int = 1, by: int | None = None) -> FloatArray:
    """The products over n of 1, cos(phi_n), sin(phi_n), cos(2 phi_n), ..., io qubit 0 the slowest.

    Args:
        phi: Angles, radians, shape (..., N).
        degree: The highest multiple of an angle.
        by: The io qubit by whose angle to differentiate, if any.

    Returns:
        Shape (..., (2 degree + 1)^N).
    """
    basis = np.ones((*phi.shape[:-1], 1))
    for n in range(phi.shape[-1]):
        cosine, sine = cosine_and_sine(phi[..., n])
        own = [np.ones_like(cosine), cosine, sine]
        for _ in range(1, degree):
            own += _sum_of_angles(own[-2], own[-1], cosine, sine)
        if n == by:
            own = [np.zeros_like(cosine), *(part for k in range(1, degree + 1) for part in _slopes(own, k))]
        products = basis[..., :, None] * np.stack(own, axis=-1)[..., None, :]
        basis = products.reshape(*phi.shape[:-1], basis.shape[-1] * len(own))
    return basis


def _slopes(own: list[FloatArray], multiple: int) -> tuple[FloatArray, FloatArray]:
    """The derivatives of cos(k phi) and sin(k phi), from all of them."""
    return -multiple * own[2 * multiple], multiple * own[2 * multiple - 1]


def turn_by(operation: Turn, angles: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Cosine and sine of a gate's angle, shape (rows,), from phi and theta, shape (rows, N + K).

    The turns are made one after the other: a sum of angles loses small ones beside large ones.
    """
    total = cosine_and_sine(np.full(len(angles), operation.offset))
    for column in np.flatnonzero(operation.slope):
        whole = int(abs(operation.slope[column]))
        angle = np.copysign(1.0, operation.slope[column]) * angles[:, column]
        total = _sum_of_angles(*total, *cosine_and_sine((abs(operation.slope[column]) - whole) * angle))
        power = cosine_and_sine(angle)
        while whole:
            if whole & 1:
                total = _sum_of_angles(*total, *power)
            power = _sum_of_angles(*power, *power)
            whole >>= 1
    return total


def _sum_of_angles(
    cosine: FloatArray, sine: FloatArray, other_cosine: FloatArray, other_sine: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Cosine and sine of the sum of two angles."""
    return cosine * other_cosine - sine * other_sine, sine * other_cosine + cosine * other_sine
