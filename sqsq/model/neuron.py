"""The stochastic quantum spiking (SQS) neuron, as a description without a circuit."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

from sqsq.checks import Within, make_plain
from sqsq.errors import BackendError, UsageError
from sqsq.model.ansatz import Angle, Ansatz
from sqsq.model.ansatz_definition import AnsatzDefinition
from sqsq.model.ansatz_registry import definition_of, find_ansatz, register_definition

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import Qubit

    from sqsq.model.ansatz import AngleValue

QubitCount = Annotated[int, Within(high=100)]
"""No device has more connected qubits to spare for one neuron, and no simulator could follow them."""


@dataclass(frozen=True)
class Neuron:
    """One SQS neuron: N io qubits, N^M memory qubits, and the ansatz V(theta) of eq. (4).

    A pickled neuron brings the definition of a user's own ansatz along.

    Attributes:
        io_qubits: N, the number of input-output qubits, at least 1.
        memory_qubits: N^M, the number of memory qubits, at least 1.
        ansatz: The name of a registered ansatz.

    Raises:
        UsageError: If a count is not 1 to 100, the ansatz is not registered, or what a user's own draws or
            declares for this size is wrong.
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
        self.own_definition  # noqa: B018  (from now on it stays as it is)

    def __reduce__(self) -> tuple[Any, ...]:
        return _neuron, (self.io_qubits, self.memory_qubits, self.ansatz, self.own_definition)

    @property
    def qubits(self) -> int:
        """The number of qubits, N + N^M: io 0..N-1 first, then memory."""
        return self.io_qubits + self.memory_qubits

    @cached_property
    def angles(self) -> tuple[Angle, ...]:
        """The K angles of theta, in the order in which every array holds them."""
        own = self.own_definition
        return self.definition.angles(self.io_qubits, self.memory_qubits) if own is None else own.angles

    @property
    def definition(self) -> Ansatz:
        """The registered ansatz that ``ansatz`` names."""
        return find_ansatz(self.ansatz)

    @property
    def own_definition(self) -> AnsatzDefinition | None:
        """What a user's own ansatz is for this size; None where the name says it: see ``definition_of``."""
        return definition_of(self.ansatz, self.io_qubits, self.memory_qubits)

    def append(
        self,
        circuit: "QuantumCircuit",
        io: "Sequence[Qubit]",
        memory: "Sequence[Qubit]",
        theta: "Sequence[AngleValue]",
    ) -> None:
        """Append V(theta) to a circuit, given the io qubits, the memory qubits and theta.

        Raises:
            BackendError: If the neuron is classical.
        """
        own = self.own_definition
        append = self.definition.append if own is None else own.append
        if append is None:
            raise BackendError(
                f"a {self.ansatz} neuron is classical and has no circuit: use the backend {self.ansatz}"
            )
        append(circuit, io, memory, theta)

    def content(self) -> dict[str, Any]:
        """What it is, as JSON types: with the digest of a user's own ansatz, for names are not enough."""
        own = self.own_definition
        return asdict(self) if own is None else {**asdict(self), "definition": own.digest}

    @staticmethod
    def from_content(content: dict[str, Any]) -> "Neuron":
        """Read what ``content`` gave.

        Raises:
            TypeError: If it is something else.
            UsageError: If the ansatz is not registered, or another one under its name.
        """
        described = dict(content)
        digest = described.pop("definition", None)
        neuron = Neuron(**described)
        if neuron.content().get("definition") != digest:
            raise UsageError(
                f"the ansatz {neuron.ansatz!r} that is meant is not the one registered under this name"
            )
        return neuron


def _neuron(io_qubits: int, memory_qubits: int, ansatz: str, definition: AnsatzDefinition | None) -> Neuron:
    """A neuron that arrives from another process."""
    if definition is not None:
        register_definition(definition)
    return Neuron(io_qubits, memory_qubits, ansatz)
