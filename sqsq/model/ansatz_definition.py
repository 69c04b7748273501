"""A user's ansatz as a value: the same in every process, whatever becomes of the circuit it was drawn in."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from math import isfinite
from operator import add
from typing import TYPE_CHECKING, Any

from sqsq.errors import UsageError
from sqsq.model.ansatz import Angle
from sqsq.model.standard_gates import BARRIER, GATES, gate_class

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import Qubit

    from sqsq.model.ansatz import AngleValue

MOST_QUBITS = 8
"""A larger circuit cannot be checked: its unitary has more than 65,536 numbers."""


@dataclass(frozen=True)
class AffineAngle:
    """The angle of a gate: offset + sum of slope * theta[k], radians.

    Attributes:
        offset: The constant part.
        slopes: (k, slope) for each angle of theta that turns the gate, k increasing, no slope 0.
    """

    offset: float
    slopes: tuple[tuple[int, float], ...] = ()

    def at(self, theta: "Sequence[AngleValue]") -> "AngleValue":
        """Its value; an expression where theta holds parameters."""
        terms = [theta[k] if slope == 1 else slope * theta[k] for k, slope in self.slopes]
        if self.offset or not terms:
            terms.append(self.offset)
        return reduce(add, terms)


@dataclass(frozen=True)
class AnsatzGate:
    """One standard gate, or a barrier.

    Attributes:
        name: Its name among ``GATES``, or ``barrier``.
        qubits: Where it acts: io qubits 0..N-1, then memory.
        angles: Its angles.
    """

    name: str
    qubits: tuple[int, ...]
    angles: tuple[AffineAngle, ...] = ()


@dataclass(frozen=True)
class AnsatzDefinition:
    """All that a user's ansatz is, for one (N, N^M).

    Attributes:
        name: The name it is registered under.
        size: (N, N^M).
        angles: The K angles of theta.
        gates: V(theta) up to a global phase.
        rectified: See ``Ansatz``.
        any_size: Whether the ansatz is defined for other sizes too.
        summary: One line for lists; no part of what the ansatz is.
    """

    name: str
    size: tuple[int, int]
    angles: tuple[Angle, ...]
    gates: tuple[AnsatzGate, ...]
    rectified: bool = True
    any_size: bool = False
    summary: str = field(default="registered by the user", compare=False)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all but the summary, hexadecimal: equal for equal definitions on every machine."""
        content = {name: value for name, value in self._content().items() if name != "summary"}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def append(
        self,
        circuit: "QuantumCircuit",
        io: "Sequence[Qubit]",
        memory: "Sequence[Qubit]",
        theta: "Sequence[AngleValue]",
    ) -> None:
        """Append V(theta) to a circuit."""
        qubits = [*io, *memory]
        for gate in self.gates:
            where = [qubits[place] for place in gate.qubits]
            if gate.name == BARRIER:
                circuit.barrier(where)
            else:
                circuit.append(gate_class(gate.name)(*(angle.at(theta) for angle in gate.angles)), where)

    def to_json(self) -> dict[str, Any]:
        """As JSON types, with its digest."""
        return {**self._content(), "digest": self.digest}

    @staticmethod
    def from_json(content: Any) -> "AnsatzDefinition":
        """Read what ``to_json`` wrote.

        Raises:
            UsageError: If it is something else, or was changed since.
        """
        try:
            definition = AnsatzDefinition(
                content["name"],
                (content["io_qubits"], content["memory_qubits"]),
                tuple(Angle(a["name"], tuple(a["frequencies"]), a["spread"]) for a in content["angles"]),
                tuple(
                    AnsatzGate(
                        name,
                        tuple(qubits),
                        tuple(
                            AffineAngle(offset, tuple((k, slope) for k, slope in slopes))
                            for offset, slopes in angles
                        ),
                    )
                    for name, qubits, angles in content["gates"]
                ),
                content["rectified"],
                content["any_size"],
                content["summary"],
            )
            unchanged = definition.digest == content["digest"]
            _check(definition)
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
            raise UsageError(f"this is no definition of an ansatz: {type(error).__name__} {error}") from error
        if not unchanged:
            raise UsageError(f"the definition of ansatz {definition.name!r} was changed since it was written")
        return definition

    def _content(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "summary": self.summary,
            "io_qubits": self.size[0],
            "memory_qubits": self.size[1],
            "rectified": self.rectified,
            "any_size": self.any_size,
            "angles": [
                {"name": angle.name, "frequencies": list(angle.frequencies), "spread": angle.spread}
                for angle in self.angles
            ],
            "gates": [
                [
                    gate.name,
                    list(gate.qubits),
                    [[angle.offset, [list(each) for each in angle.slopes]] for angle in gate.angles],
                ]
                for gate in self.gates
            ],
        }


def _check(definition: AnsatzDefinition) -> None:
    """Raise ValueError or TypeError unless what was read can be run."""
    qubits = sum(definition.size)
    if min(definition.size) < 1 or qubits > MOST_QUBITS:
        raise ValueError(f"size {definition.size}")
    numbers = [frequency for angle in definition.angles for frequency in angle.frequencies]
    numbers += [angle.spread for angle in definition.angles]
    for gate in definition.gates:
        expected = (len(gate.qubits), 0) if gate.name == BARRIER else GATES[gate.name]
        if (len(gate.qubits), len(gate.angles)) != expected or not set(gate.qubits) <= set(range(qubits)):
            raise ValueError(f"gate {gate.name} on qubits {gate.qubits}")
        if len(set(gate.qubits)) < len(gate.qubits):
            raise ValueError(f"gate {gate.name} twice on one of the qubits {gate.qubits}")
        for angle in gate.angles:
            numbers += [angle.offset, *(slope for _, slope in angle.slopes)]
            if not {k for k, _ in angle.slopes} <= set(range(len(definition.angles))):
                raise ValueError(f"gate {gate.name} turns by an angle that does not exist")
    if not all(isfinite(number) for number in numbers):
        raise ValueError("a number that is not finite")
