"""Noise scaling: the unitary segments of a transpiled circuit folded, and its readings repeated.

A segment U, the gates between one measurement, reset or conditional and the next, becomes
U (U^dagger U)^k, which is what mitiq's ``fold_global`` makes of a circuit that is one segment. The barriers
between keep whoever comes later from cancelling what was added. The circuit stays in the device's gates and
must not be transpiled again.
"""

from collections.abc import Collection, Sequence
from math import pi

from qiskit import ClassicalRegister, QuantumCircuit
from qiskit.circuit import CircuitInstruction, Clbit, ControlFlowOp, Gate, Qubit

from sqsq.errors import BackendError, UsageError
from sqsq.tables import NoiseScale


def fold_circuit(circuit: QuantumCircuit, noise: NoiseScale, basis: Collection[str]) -> QuantumCircuit:
    """Amplify the noise of a circuit; without noise it stays the same instrument, up to a global phase.

    Args:
        circuit: A transpiled circuit, Parameters and conditionals included.
        noise: By how much, and where.
        basis: The names of the gates that inverses may be made of.

    Returns:
        The folded circuit. Each register of n bits has become one of ``noise.readings`` * n: bit r*n + j is
        reading r of bit j, and the parity of its readings stands for it.

    Raises:
        UsageError: If readings are to be repeated on which a conditional depends: a conditional looks at
            one of them, not at their parity.
        BackendError: If the inverse of a gate is not among the basis.
    """
    if noise.scale == 1:
        return circuit
    folded = _with_room_for_readings(circuit, noise.readings)
    segment: list[CircuitInstruction] = []
    for item in circuit.data:
        if _is_gate(item) or item.operation.name == "barrier":
            segment.append(item)
            continue
        _append_folded(folded, segment, noise, basis)
        segment = []
        if isinstance(item.operation, ControlFlowOp):
            if noise.readings > 1:
                raise UsageError(
                    f"noise scale {noise.scale:g} with readout: a circuit with feed-forward looks at single "
                    "readings, so only its gates can be folded (readout off)"
                )
            bodies = [fold_circuit(body, noise, basis) for body in item.operation.blocks]
            folded.append(item.operation.replace_blocks(bodies), item.qubits, item.clbits)
        else:
            _append_repeated(folded, circuit, item, noise.readings)
    _append_folded(folded, segment, noise, basis)
    return folded


def _is_gate(item: CircuitInstruction) -> bool:
    return isinstance(item.operation, Gate)


def _with_room_for_readings(circuit: QuantumCircuit, readings: int) -> QuantumCircuit:
    """The circuit without its operations, every register as many times as large."""
    if readings == 1:
        return circuit.copy_empty_like()
    registers = [ClassicalRegister(readings * register.size, register.name) for register in circuit.cregs]
    empty = QuantumCircuit(*circuit.qregs, *registers, name=circuit.name)
    empty.global_phase = circuit.global_phase
    return empty


def _append_repeated(
    folded: QuantumCircuit, circuit: QuantumCircuit, item: CircuitInstruction, readings: int
) -> None:
    """Append what is no gate: measurements and resets as often as there are readings."""
    name = item.operation.name
    for reading in range(readings if name.startswith(("measure", "reset")) else 1):
        if reading:
            folded.barrier(item.qubits)
        bits = item.clbits
        if readings > 1:
            bits = [_bit_of_reading(folded, circuit, bit, reading) for bit in bits]
        folded.append(item.operation, item.qubits, bits)


def _bit_of_reading(folded: QuantumCircuit, circuit: QuantumCircuit, bit: Clbit, reading: int) -> Clbit:
    ((register, index),) = circuit.find_bit(bit).registers
    (larger,) = (one for one in folded.cregs if one.name == register.name)
    return larger[reading * register.size + index]


def _append_folded(
    folded: QuantumCircuit, segment: Sequence[CircuitInstruction], noise: NoiseScale, basis: Collection[str]
) -> None:
    """Append a segment, barriers included, and its folds."""
    if noise.gates == "two-qubit":
        _append_folded_pairs(folded, segment, noise.scale, basis)
        return
    places = [place for place, item in enumerate(segment) if _is_gate(item)]
    if not places:
        for item in segment:
            folded.append(item)
        return
    unitary = segment[places[0] : places[-1] + 1]
    folds, rest = divmod(noise.scale - 1, 2)
    part = _latest(unitary, round(rest * len(places) / 2))
    for item in segment[: places[-1] + 1]:
        folded.append(item)
    for again in (*[unitary] * int(folds), part):
        if again:
            _append_there_and_back(folded, again, basis)
    for item in segment[places[-1] + 1 :]:
        folded.append(item)


def _append_folded_pairs(
    folded: QuantumCircuit, segment: Sequence[CircuitInstruction], scale: float, basis: Collection[str]
) -> None:
    """Append a segment with each two-qubit gate folded, the last of them once more for the rest."""
    pairs = [item for item in segment if _is_gate(item) and len(item.qubits) == 2]
    folds, rest = divmod(scale - 1, 2)
    once_more = _latest(pairs, round(rest * len(pairs) / 2))
    for item in segment:
        folded.append(item)
        if any(item is pair for pair in pairs):
            for _ in range(int(folds) + any(item is pair for pair in once_more)):
                _append_there_and_back(folded, [item], basis)


def _append_there_and_back(
    folded: QuantumCircuit, unitary: Sequence[CircuitInstruction], basis: Collection[str]
) -> None:
    """Append U^dagger U between barriers on the qubits of U."""
    used = {qubit for item in unitary for qubit in item.qubits}
    fence = [qubit for qubit in folded.qubits if qubit in used]
    folded.barrier(fence)
    for item in reversed(unitary):
        _append_inverse(folded, item, basis)
    folded.barrier(fence)
    for item in unitary:
        folded.append(item)


def _append_inverse(folded: QuantumCircuit, item: CircuitInstruction, basis: Collection[str]) -> None:
    gate = item.operation
    if gate.name == "barrier":
        folded.append(item)
        return
    if gate.name == "sx" and "sxdg" not in basis and "rz" in basis:
        folded.rz(pi, item.qubits)
        folded.append(item)
        folded.rz(pi, item.qubits)
        return
    inverse = gate.inverse()
    if inverse.name != gate.name and inverse.name not in basis:
        raise BackendError(
            f"the inverse of a {gate.name} gate is a {inverse.name} gate, which is not among "
            f"{', '.join(sorted(basis))}: circuits with it cannot be folded (noise scale 1 needs no folds)"
        )
    folded.append(inverse, item.qubits)


def _latest(segment: Sequence[CircuitInstruction], count: int) -> list[CircuitInstruction]:
    """The last so many gates, all having moved to the front as far as they go, and the barriers between."""
    if not count:
        return []
    free: dict[Qubit, int] = {}
    moments = []
    for place, item in enumerate(segment):
        moment = max(free.get(qubit, 0) for qubit in item.qubits) + _is_gate(item)
        free |= dict.fromkeys(item.qubits, moment)
        if _is_gate(item):
            moments.append((moment, place))
    chosen = {place for _, place in sorted(moments)[-count:]}
    first, last = min(chosen), max(chosen)
    return [
        item
        for place, item in enumerate(segment)
        if place in chosen or (first < place < last and not _is_gate(item))
    ]
