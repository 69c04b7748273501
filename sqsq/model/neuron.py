"""The stochastic quantum spiking (SQS) neuron, as a description without a circuit."""

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from sqsq.checks import Within, make_plain
from sqsq.errors import UsageError
from sqsq.model.ansatz import Angle, Ansatz, find_ansatz

QubitCount = Annotated[int, Within(high=100)]
"""No device has more connected qubits to spare for one neuron, and no simulator could follow them."""


@dataclass(frozen=True)
class Neuron:
    """One SQS neuron: N io qubits, N^M memory qubits, and the ansatz V(theta) of eq. (4).

    Attributes:
        io_qubits: N, the number of input-output qubits, at least 1.
        memory_qubits: N^M, the number of memory qubits, at least 1.
        ansatz: The name of a registered ansatz.

    Raises:
        UsageError: If a count is not 1 to 100 or the ansatz is not registered.
    """

    io_qubits: QubitCount = 1
    memory_qubits: QubitCount = 1
    ansatz: str = "partial-swap"

    def __post_init__(self) -> None:
        make_plain(self)
        for name, count in (("io qubits", self.io_qubits), ("memory qubits", self.memory_qubits)):
            if count < 1:
                raise UsageError(f"a neuron cannot have {count} {name}: at least 1")
        find_ansatz(self.ansatz).check_size(self.io_qubits, self.memory_qubits)

    @property
    def qubits(self) -> int:
        """The number of qubits, N + N^M: io 0..N-1 first, then memory."""
        return self.io_qubits + self.memory_qubits

    @cached_property
    def angles(self) -> tuple[Angle, ...]:
        """The K angles of theta, in the order in which every array holds them."""
        return self.definition.angles(self.io_qubits, self.memory_qubits)

    @property
    def definition(self) -> Ansatz:
        """The registered ansatz that ``ansatz`` names."""
        return find_ansatz(self.ansatz)
