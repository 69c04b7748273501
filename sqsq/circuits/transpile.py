"""From abstract circuits to those a device runs."""

from collections.abc import Sequence
from typing import Any

from qiskit import QuantumCircuit
from qiskit.transpiler import Target, TranspilerError, generate_preset_pass_manager
from qiskit.transpiler.passes import VF2Layout
from qiskit.transpiler.passmanager import PassManager

from sqsq.errors import BackendError

_SEED = 1
"""Transpilation is the same in every run: noise must not depend on the seed of the training."""

IDEAL_BASIS = ("rx", "ry", "rz", "h", "x", "y", "z", "s", "sdg", "t", "tdg", "sx", "sxdg", "cx", "cz", "id")
"""Gates of ideal simulation: no parametric controlled rotation (qiskit-aer#2391)."""


def transpile_ideal(circuit: QuantumCircuit) -> QuantumCircuit:
    """Translate to one- and two-qubit gates that Aer binds correctly, without a device."""
    manager = generate_preset_pass_manager(
        optimization_level=0, basis_gates=list(IDEAL_BASIS), seed_transpiler=_SEED
    )
    return manager.run(circuit)


def transpile_for_device(
    circuit: QuantumCircuit, backend: Any, layout: Sequence[int] | None = None
) -> QuantumCircuit:
    """Transpile to a device, on the best qubits that need no swap where there are such.

    Args:
        circuit: An abstract circuit.
        backend: A Qiskit BackendV2.
        layout: The physical qubits to use, in the order of the circuit's; chosen by the device's
            reported errors if None.

    Raises:
        BackendError: If the device has too few qubits, lacks an operation of the circuit, or cannot
            connect the qubits.
    """
    target: Target = backend.target
    if circuit.num_qubits > target.num_qubits:
        raise BackendError(
            f"{backend.name} has {target.num_qubits} qubits: this circuit needs {circuit.num_qubits}"
        )
    for needed in ("measure", "reset"):
        if needed in circuit.count_ops() and needed not in target.operation_names:
            raise BackendError(
                f"{backend.name} has no {needed} instruction, which every time step of a neuron needs: "
                "choose another device (sqsq backends lists them)"
            )
    manager = generate_preset_pass_manager(
        optimization_level=1,
        target=target,
        seed_transpiler=_SEED,
        initial_layout=list(layout) if layout is not None else best_layout(circuit, target),
    )
    try:
        return manager.run(circuit)
    except TranspilerError as error:
        raise BackendError(f"{backend.name} cannot run this circuit: {error.message}") from error


def best_layout(circuit: QuantumCircuit, target: Target) -> list[int] | None:
    """The physical qubits of least reported error on which the circuit needs no swap.

    Returns:
        One physical qubit for each qubit of the circuit, or None where every choice needs a swap.
    """
    search = PassManager([VF2Layout(target=target, seed=_SEED)])
    search.run(circuit)
    found = search.property_set["layout"]
    return None if found is None else [found[qubit] for qubit in circuit.qubits]


def physical_qubits(transpiled: QuantumCircuit, count: int) -> tuple[int, ...]:
    """Where the first ``count`` qubits of the original circuit start on the device."""
    return tuple(transpiled.layout.initial_index_layout()[:count])
