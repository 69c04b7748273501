"""From a user's circuit to the gates of an ansatz; what no engine can run is refused here."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from sqsq.errors import UsageError
from sqsq.model.ansatz_definition import AffineAngle, AnsatzGate
from sqsq.model.standard_gates import BARRIER, GATES, gate_class

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import Parameter, ParameterExpression

MOST_GATES = 10_000
"""A circuit of more gates is refused: no device runs it, and checking it would take minutes."""
_DEEPEST = 100
"""Definitions within definitions; more is a gate that is defined by itself."""
_SLOPE_DIGITS, _OFFSET_DECIMALS = 14, 13
"""Rounding of what is written down: the last digits differ between machines."""
_NO_SLOPE = 1e-12


def read_gates(circuit: "QuantumCircuit", theta: "Sequence[Parameter]") -> tuple[AnsatzGate, ...]:
    """Take a circuit apart into standard gates on one or two qubits; global phases are left out.

    Args:
        circuit: A unitary circuit.
        theta: Its parameters.

    Raises:
        UsageError: If it is not unitary, a gate has no definition, an angle is not affine in theta or not
            finite, or there are too many gates.
    """
    columns = {parameter: k for k, parameter in enumerate(theta)}
    if circuit.num_clbits:
        raise UsageError(
            f"must be a unitary circuit: no measurement, reset or classical bit, not {circuit.num_clbits} "
            "classical bits"
        )
    gates = tuple(islice(_gates(circuit, range(circuit.num_qubits), columns, 0), MOST_GATES + 1))
    if len(gates) > MOST_GATES:
        raise UsageError(f"a circuit of more than {MOST_GATES:,} standard gates: no device runs it")
    return gates


def _gates(
    circuit: "QuantumCircuit", places: Sequence[int], columns: "Mapping[Parameter, int]", depth: int
) -> Iterator[AnsatzGate]:
    for item in circuit.data:
        operation: Any = item.operation
        where = tuple(places[circuit.find_bit(qubit).index] for qubit in item.qubits)
        if not where:  # a global phase
            continue
        if operation.name == BARRIER:
            yield AnsatzGate(BARRIER, where)
        elif _is_standard(operation):
            angles = tuple(_affine_angle(value, operation.name, columns) for value in operation.params)
            yield AnsatzGate(operation.name, where, angles)
        elif depth == _DEEPEST:
            raise UsageError(f"gate {operation.name!r} is defined by itself")
        else:
            yield from _gates(_definition(operation), where, columns, depth + 1)


def _is_standard(operation: Any) -> bool:
    """Whether it is the gate that its name says: users may name their own as they like."""
    name = operation.name
    return name in GATES and getattr(operation, "base_class", None) is gate_class(name)


def _definition(operation: Any) -> "QuantumCircuit":
    """A circuit of simpler gates that does the same.

    Raises:
        UsageError: If there is none.
    """
    from qiskit.circuit import Gate, Instruction

    name = operation.name
    plain = isinstance(operation, Gate) or (
        isinstance(operation, Instruction) and operation.base_class is Instruction
    )
    if isinstance(operation, Instruction) and not plain:
        raise UsageError(f"must be a unitary circuit: no measurement, reset or classical bit, not {name!r}")
    try:
        if not isinstance(operation, Instruction):
            return _synthesised(operation)
        definition: QuantumCircuit | None = operation.definition
        if definition is None and isinstance(operation, Gate) and hasattr(operation, "__array__"):
            definition = _of_matrix(operation)
    except Exception as error:  # whatever the gate's own code raises
        raise UsageError(f"gate {name!r} cannot be taken apart: {_one_line(error)}") from error
    if definition is None:
        raise UsageError(f"gate {name!r} has no definition, so nothing can run it: define it by other gates")
    return definition


def _synthesised(operation: Any) -> "QuantumCircuit":
    """What is no instruction yet, such as a gate with modifiers, in a few basic gates."""
    from qiskit import QuantumCircuit, generate_preset_pass_manager

    piece = QuantumCircuit(operation.num_qubits)
    piece.append(operation, piece.qubits)
    basis = ["rx", "ry", "rz", "cx"]
    return generate_preset_pass_manager(0, basis_gates=basis, seed_transpiler=1).run(piece)


def _of_matrix(gate: Any) -> "QuantumCircuit | None":
    from qiskit.circuit.library import UnitaryGate

    definition: QuantumCircuit | None = UnitaryGate(np.asarray(gate.to_matrix())).definition
    return definition


def _affine_angle(
    value: "ParameterExpression | float", gate: str, columns: "Mapping[Parameter, int]"
) -> AffineAngle:
    """An angle as offset and slopes.

    Raises:
        UsageError: If it is not affine in theta, or not finite.
    """
    free = list(getattr(value, "parameters", ()))
    if foreign := [parameter.name for parameter in free if parameter not in columns]:
        raise UsageError(
            f"a {gate} gate turns by {value}: {', '.join(foreign)} is no parameter of the circuit"
        )
    try:
        offset = _value(value, dict.fromkeys(free, 0.0))
        slopes = {parameter: float(value.gradient(parameter)) for parameter in free}  # type: ignore[union-attr]
        probes = np.random.default_rng(0).uniform(-3, 3, (3 if free else 0, len(free)))
        affine = all(
            np.isclose(
                _value(value, dict(zip(free, probe, strict=True))),
                offset + sum(slopes[parameter] * x for parameter, x in zip(free, probe, strict=True)),
                rtol=1e-9,
                atol=1e-9,
            )
            for probe in probes
        )
    except Exception:  # symbolic algebra and complex numbers raise whatever they like
        affine = False
    if not affine:
        raise UsageError(
            f"a {gate} gate turns by {value}: an ansatz may use sums and real multiples of its angles only"
        )
    if not all(isfinite(number) for number in (offset, *slopes.values())):
        raise UsageError(f"a {gate} gate turns by {value}: must be finite")
    kept = sorted(
        (columns[parameter], float(f"{slope:.{_SLOPE_DIGITS}g}"))
        for parameter, slope in slopes.items()
        if abs(slope) > _NO_SLOPE
    )
    return AffineAngle(round(offset, _OFFSET_DECIMALS) + 0.0, tuple(kept))


def _value(expression: Any, values: "dict[Parameter, float]") -> float:
    return float(expression.bind(values) if values else expression)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
