"""When each operation of a device circuit happens, and the idle times between them."""

from qiskit import QuantumCircuit
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


def duration(circuit: QuantumCircuit, target: Target, device: str) -> float:
    """How long one shot of a device circuit takes, seconds, without the delay between shots.

    Raises:
        BackendError: If the device does not publish a duration that is needed.
    """
    check_durations(circuit, target, device)
    return float(circuit.estimate_duration(target, unit="s"))


def check_durations(circuit: QuantumCircuit, target: Target, device: str) -> None:
    """Raise BackendError unless the target knows how long each operation of the circuit takes."""
    for item in circuit.data:
        name = item.operation.name
        if name in ("barrier", "delay"):
            continue
        qubits = tuple(circuit.find_bit(qubit).index for qubit in item.qubits)
        properties = (target[name] or {}).get(qubits)
        if target.dt is None or properties is None or properties.duration is None:
            raise BackendError(
                f"{device} publishes no duration of {name} on qubits {list(qubits)}, so its idle times "
                "are unknown: switch idle noise off (--no-idle-noise) or choose another device"
            )
