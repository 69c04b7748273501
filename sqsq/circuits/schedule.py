"""When each operation of a device circuit happens, and the idle times between them."""

from collections.abc import Sequence
from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, IfElseOp, Operation
from qiskit.transpiler import Target, TranspilerError
from qiskit.transpiler.passmanager import PassManager

from sqsq.errors import BackendError


def with_delays(circuit: QuantumCircuit, target: Target, device: str) -> QuantumCircuit:
    """Schedule a device circuit as late as possible and write its idle times as delays.

    Args:
        circuit: A transpiled circuit.
        target: The device's target, with durations.
        device: Its name, for errors.

    Raises:
        BackendError: If the device does not publish a duration that is needed.
    """
    from qiskit_ibm_runtime.transpiler.passes.scheduling import ALAPScheduleAnalysis, PadDelay

    check_durations(circuit, target, device)
    try:
        return PassManager([ALAPScheduleAnalysis(target=target), PadDelay(target=target)]).run(circuit)
    except TranspilerError as error:
        raise BackendError(f"{device} cannot be scheduled: {error.message}") from error


CONDITIONAL_LATENCY = 2e-6
"""Seconds between a measurement and the first gate that depends on it: an assumption, for estimates only."""


def duration(circuit: QuantumCircuit, target: Target, device: str) -> float:
    """How long one shot of a device circuit takes, seconds, without the delay between shots.

    Each operation starts once its qubits are free and, if it is conditional, its bits are known and
    the latency of the conditional has passed.

    Raises:
        BackendError: If the device does not publish a duration that is needed.
    """
    check_durations(circuit, target, device)
    every = range(circuit.num_qubits)
    return max(_ends(circuit, target, every, dict.fromkeys(every, 0.0)).values(), default=0.0)


def with_waiting(circuit: QuantumCircuit, target: Target, device: str) -> QuantumCircuit:
    """Run every operation of a device circuit as early as possible and write the waiting as delays.

    Unlike ``with_delays`` it knows conditionals: they start once their bits are known and the latency
    has passed. What waits for a conditional that does not fire waits as long as for one that does.

    Args:
        circuit: A transpiled circuit.
        target: The device's target, with durations.
        device: Its name, for errors.

    Raises:
        BackendError: If the device does not publish a duration that is needed.
    """
    check_durations(circuit, target, device)
    waiting = circuit.copy_empty_like()
    every = range(circuit.num_qubits)
    ends, known = dict.fromkeys(every, 0.0), dict[Any, float]()
    for item in circuit.data:
        qubits = [circuit.find_bit(qubit).index for qubit in item.qubits]
        start = _start(item, qubits, ends, known)
        for qubit in qubits:
            if start - ends[qubit] > target.dt / 2:
                waiting.delay(start - ends[qubit], qubit, unit="s")
        waiting.append(item)
        _advance(item, qubits, target, start, ends, known)
    return waiting


def _ends(
    circuit: QuantumCircuit, target: Target, physical: Sequence[int], free: dict[int, float]
) -> dict[int, float]:
    """When each physical qubit is free again, from when it was free before, seconds."""
    free = dict(free)
    known: dict[Any, float] = {}
    for item in circuit.data:
        qubits = [physical[circuit.find_bit(qubit).index] for qubit in item.qubits]
        start = _start(item, qubits, free, known)
        _advance(item, qubits, target, start, free, known)
    return free


def _start(
    item: CircuitInstruction, qubits: list[int], free: dict[int, float], known: dict[Any, float]
) -> float:
    """When an operation can start, seconds."""
    start = max(free[qubit] for qubit in qubits)
    if isinstance(item.operation, IfElseOp):
        return max([start, *(known.get(bit, 0.0) for bit in item.clbits)]) + CONDITIONAL_LATENCY
    return start


def _advance(
    item: CircuitInstruction,
    qubits: list[int],
    target: Target,
    start: float,
    free: dict[int, float],
    known: dict[Any, float],
) -> None:
    """Write down when qubits are free and bits known after an operation, seconds."""
    operation = item.operation
    if isinstance(operation, IfElseOp):
        before = dict.fromkeys(qubits, start)
        branches = [_ends(body, target, qubits, before) for body in operation.blocks]
        free |= {qubit: max(branch[qubit] for branch in branches) for qubit in qubits}
        return
    end = start + _seconds(operation, tuple(qubits), target)
    free |= dict.fromkeys(qubits, end)
    known |= dict.fromkeys(item.clbits, end)


def _seconds(operation: Operation, qubits: tuple[int, ...], target: Target) -> float:
    if operation.name == "barrier":
        return 0.0
    if operation.name == "delay":
        return float(operation.duration * (target.dt if operation.unit == "dt" else 1.0))
    return float(target[operation.name][qubits].duration)


def check_durations(
    circuit: QuantumCircuit, target: Target, device: str, physical: Sequence[int] | None = None
) -> None:
    """Raise BackendError unless the target knows how long each operation of the circuit takes."""
    for item in circuit.data:
        name = item.operation.name
        if name in ("barrier", "delay"):
            continue
        places = [circuit.find_bit(qubit).index for qubit in item.qubits]
        qubits = tuple(places if physical is None else [physical[place] for place in places])
        if isinstance(item.operation, IfElseOp):
            for body in item.operation.blocks:
                check_durations(body, target, device, qubits)
            continue
        properties = (target[name] or {}).get(qubits)
        if target.dt is None or properties is None or properties.duration is None:
            raise BackendError(
                f"{device} publishes no duration of {name} on qubits {list(qubits)}, so its idle times "
                "are unknown: switch idle noise off (--no-idle-noise) or choose another device"
            )
