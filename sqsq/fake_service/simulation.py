"""Jobs of the service: what they ask for, and what Aer makes of it.

A circuit is cut into parts that neither gates nor conditionals connect, which are simulated apart, each
on its own qubits with their noise. Seeds are a function of the content, so equal jobs have equal results.
"""

import hashlib
import json
from itertools import pairwise
from typing import Any

import numpy as np
import rustworkx as rx
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.circuit import Clbit, IfElseOp, Measure
from qiskit_aer import AerSimulator

from sqsq.circuits import canonical_text, cut_target
from sqsq.engines import with_device_errors
from sqsq.engines.aer import aer_method, noise_model


def read_program(params: dict[str, Any]) -> Any:
    """The quantum program that a job's parameters hold."""
    from qiskit_ibm_runtime.quantum_program.params_converters import QUANTUM_PROGRAM_PARAMS_CONVERTERS

    converter = QUANTUM_PROGRAM_PARAMS_CONVERTERS[params["schema_version"]]
    program, _ = converter.decoder(converter.model.model_validate(params))
    return program


def program_content(program: Any) -> str:
    """A digest of what a program does: equal for equal ones, whatever identifiers they carry."""
    return "+".join(
        circuit_content(item.circuit, np.asarray(item.circuit_arguments), program.shots)
        for item in program.items
    )


def circuit_content(circuit: QuantumCircuit, values: NDArray[np.float64], shots: int) -> str:
    """A digest of a circuit, its parameter values and its shots."""
    text = f"{shots}\n{canonical_text(circuit)}".encode() + np.ascontiguousarray(values, "<f8").tobytes()
    return hashlib.sha256(text).hexdigest()


def run_program(params: dict[str, Any], device: Any, noise: bool, spoiled: bool) -> str:
    """Run a program.

    Args:
        params: The job's parameters.
        device: The fake backend that plays the device.
        noise: Whether its gates and measurements err.
        spoiled: Whether to lose half of the shots, a fault to be noticed.

    Returns:
        The result as the client reads it, JSON.
    """
    from ibm_quantum_schemas.common import CompressedTensorModel
    from ibm_quantum_schemas.executor.version_2_0 import QuantumProgramResultModel

    program = read_program(params)
    data = []
    for item in program.items:
        bits = _simulate(item.circuit, np.asarray(item.circuit_arguments), program.shots, device, noise)
        if spoiled:
            bits = {name: array[:, : program.shots // 2] for name, array in bits.items()}
        results = {name: CompressedTensorModel.from_numpy(array).model_dump() for name, array in bits.items()}
        data.append({"results": results, "metadata": {}})
    model = {
        "schema_version": "v2.0",
        "data": data,
        "metadata": {"chunk_timing": []},
        "passthrough_data": params["quantum_program"]["passthrough_data"],
        "semantic_role": program._semantic_role,
    }
    return str(QuantumProgramResultModel.model_validate(model).model_dump_json())


def _simulate(
    circuit: QuantumCircuit, values: NDArray[np.float64], shots: int, device: Any, noise: bool
) -> dict[str, NDArray[np.bool_]]:
    """Bits of each register, shape (bindings, shots, bits)."""
    graph = rx.PyGraph()
    graph.add_nodes_from(range(circuit.num_qubits))
    measured: dict[Clbit, int] = {}
    for item in circuit.data:
        qubits = [circuit.find_bit(qubit).index for qubit in item.qubits]
        graph.add_edges_from_no_data(list(pairwise(qubits)))
        if isinstance(item.operation, IfElseOp):
            graph.add_edges_from_no_data([(measured[bit], qubits[0]) for bit in item.clbits])
        measured |= dict.fromkeys(item.clbits, qubits[0])
    bits = {register.name: np.zeros((len(values), shots, register.size), bool) for register in circuit.cregs}
    place = {bit: (register.name, k) for register in circuit.cregs for k, bit in enumerate(register)}
    column = {parameter: k for k, parameter in enumerate(circuit.parameters)}
    for component in rx.connected_components(graph):
        where = tuple(sorted(component))
        part, wires = _component(circuit, where)
        if not wires:
            continue
        own = values[:, [column[parameter] for parameter in part.parameters]]
        binds = dict(zip(part.parameters, own.T.tolist(), strict=True))
        simulator = _simulator(part, where, device, noise)
        result = simulator.run(
            part,
            parameter_binds=[binds] if binds else None,
            shots=shots,
            memory=True,
            seed_simulator=int(circuit_content(part, own, shots)[:12], 16),
        ).result()
        for binding in range(len(values)):
            words = np.array([int(word, 16) for word in result.data(binding)["memory"]], dtype=object)
            for k, wire in enumerate(wires):
                register, index = place[wire]
                bits[register][binding, :, index] = (words >> k) & 1
    return bits


def _simulator(part: QuantumCircuit, qubits: tuple[int, ...], device: Any, noise: bool) -> AerSimulator:
    errors = None
    if noise:
        errors = noise_model(with_device_errors(part, cut_target(device.target, qubits)))
    method = aer_method(len(qubits), noise)
    return AerSimulator(method=method, noise_model=errors, fusion_enable=False)


def _component(circuit: QuantumCircuit, qubits: tuple[int, ...]) -> tuple[QuantumCircuit, list[Clbit]]:
    """The part of a circuit on some qubits, and which of its classical bits it writes."""
    inside = [
        item for item in circuit.data if {circuit.find_bit(q).index for q in item.qubits} <= set(qubits)
    ]
    wires = list(dict.fromkeys(bit for item in inside for bit in item.clbits))
    place = {qubit: k for k, qubit in enumerate(qubits)}
    part = QuantumCircuit(len(qubits))
    part.add_bits(wires)  # the same bits: conditions name them
    for item in inside:
        part.append(
            Measure() if item.operation.name == "measure_2" else item.operation,  # Aer knows only one
            [place[circuit.find_bit(qubit).index] for qubit in item.qubits],
            item.clbits,
        )
    return part, wires


def jsonable(value: Any) -> Any:
    """How the service writes complex numbers and dates."""
    return [value.real, value.imag] if isinstance(value, complex) else value.isoformat()


def as_json(document: dict[str, Any]) -> str:
    """A document with complex numbers and dates as JSON."""
    return json.dumps(document, default=jsonable)
