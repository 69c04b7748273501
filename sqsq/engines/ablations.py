"""Ablations: what is left of a neuron whose memory is reset, or measured, at every step.

Both are mistakes that are easy to make on hardware: a circuit built step by step starts from fresh
qubits, and one that reads its memory out disturbs it.
"""

from collections.abc import Callable
from typing import Any, Literal, get_args

from qiskit import QuantumCircuit
from qiskit_aer.noise import pauli_error, reset_error

from sqsq.engines.simulated import SimulatedCircuit
from sqsq.errors import UsageError
from sqsq.tables import Template

Ablation = Literal["reset", "measured"]
CircuitSource = Callable[[Template], SimulatedCircuit]


def ablated_circuits(source: CircuitSource, ablation: Ablation) -> CircuitSource:
    """Make of what turns templates into circuits one that spoils the memory after every step.

    Args:
        source: Circuits with their memory intact, such as ``ideal_circuit``.
        ablation: ``reset``: every memory qubit ends a step in |0>. ``measured``: it is measured and the
            outcome forgotten, which leaves the diagonal of its state.

    Returns:
        A source for ``ExactEngine`` and ``AerEngine``; errors of the source's device stay as they are.

    Raises:
        UsageError: If the ablation is unknown.
    """
    if ablation not in get_args(Ablation):
        raise UsageError(f"unknown ablation {ablation!r}: choose from {', '.join(get_args(Ablation))}")
    channel = reset_error(1.0) if ablation == "reset" else pauli_error([("I", 0.5), ("Z", 0.5)])

    def ablated(template: Template) -> SimulatedCircuit:
        whole = source(template)
        circuit = after_every_step(whole.circuit, channel, template.neuron.io_qubits)
        return SimulatedCircuit(circuit, whole.gate_errors, whole.readout_errors)

    return ablated


def after_every_step(circuit: QuantumCircuit, channel: Any, io_qubits: int) -> QuantumCircuit:
    """Append a channel to every memory qubit once all N io qubits have been reset."""
    resetting = [item for item in circuit.data if item.operation.name == "reset"]
    io = {circuit.find_bit(item.qubits[0]).index for item in resetting}
    spoiled = circuit.copy_empty_like()
    resets = 0
    for item in circuit.data:
        spoiled.append(item)
        if item.operation.name != "reset":
            continue
        resets += 1
        if resets % io_qubits == 0:
            for qubit in sorted(set(range(circuit.num_qubits)) - io):
                spoiled.append(channel, [qubit])
    return spoiled
