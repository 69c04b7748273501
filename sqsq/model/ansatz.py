"""What an ansatz is: how V(theta) of eq. (4) entangles io and memory qubits."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sqsq.errors import UsageError

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import ParameterExpression, Qubit

    AngleValue: TypeAlias = float | ParameterExpression
    AppendAnsatz: TypeAlias = Callable[
        [QuantumCircuit, Sequence[Qubit], Sequence[Qubit], Sequence[AngleValue]], None
    ]


@dataclass(frozen=True)
class Angle:
    """One angle of theta.

    Attributes:
        name: What it turns, for example ``ent[0,0]``, ``in[0]`` or ``mem[0]``.
        frequencies: The positive frequencies with which a probability can oscillate in one
            occurrence of this angle (RX: 1; CRX: 1/2 and 1; XY: 1 and 2). The exact shift rule
            follows from them.
        spread: Training starts uniformly in (-spread, spread), radians: near the identity.
    """

    name: str
    frequencies: tuple[float, ...]
    spread: float


@dataclass(frozen=True)
class Ansatz:
    """A named family of circuits V(theta) on N io and N^M memory qubits.

    Attributes:
        name: The name under which users choose it.
        summary: What such a neuron can remember, in one line.
        angles: Maps (N, N^M) to the K angles, in the order of theta.
        append: Appends V(theta) to a circuit, given the io qubits, the memory qubits and theta; None for
            a classical neuron, which has no circuit.
        size: The only (N, N^M) it is defined for, or None where any will do.
        rectified: Whether negative currents turn nothing, as in eq. (4): phi = pi max(0, z). Else
            phi = pi z, for neurons that a negative current inhibits.
    """

    name: str
    summary: str
    angles: Callable[[int, int], tuple[Angle, ...]]
    append: "AppendAnsatz | None"
    size: tuple[int, int] | None = None
    rectified: bool = True

    def check_size(self, io_qubits: int, memory_qubits: int) -> None:
        """Raise UsageError unless the ansatz is defined for this many qubits."""
        if self.size is not None and (io_qubits, memory_qubits) != self.size:
            raise UsageError(
                f"ansatz {self.name!r} is defined for {self.size[0]} io and {self.size[1]} memory "
                f"qubits, not {io_qubits} and {memory_qubits}"
            )


def qubit_pairs(io_qubits: int, memory_qubits: int) -> Iterator[tuple[int, int]]:
    """The (io, memory) pairs in the order of the entanglers: io outer, memory inner."""
    return ((n, m) for n in range(io_qubits) for m in range(memory_qubits))
