"""The ansatze that come with sqsq: two CZ an entangler, and other memories.

Each ends with RX(theta) on every io qubit and then on every memory qubit. None holds a parametric
controlled rotation: qiskit-aer returns wrong counts for those without an error (qiskit-aer#2391).
"""

from collections.abc import Callable, Sequence
from math import pi
from typing import TYPE_CHECKING

from sqsq.model.ansatz import Angle, Ansatz, qubit_pairs
from sqsq.model.ansatz_registry import register_built_in

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import Qubit

    from sqsq.model.ansatz import AngleValue

    Entangler = Callable[[QuantumCircuit, Qubit, Qubit, AngleValue], None]


def _partial_swap(circuit: "QuantumCircuit", io: "Qubit", memory: "Qubit", angle: "AngleValue") -> None:
    """Append XY(angle) = exp(-i angle (XX + YY) / 2), which stores the input at angle pi/2."""
    circuit.rx(pi / 2, io)
    circuit.rx(pi / 2, memory)
    circuit.cx(io, memory)
    circuit.rx(angle, io)
    circuit.rz(angle, memory)
    circuit.cx(io, memory)
    circuit.rx(-pi / 2, io)
    circuit.rx(-pi / 2, memory)


def _controlled_rx(circuit: "QuantumCircuit", control: "Qubit", target: "Qubit", angle: "AngleValue") -> None:
    """Append CRX(angle), from Z RX(a) Z = RX(-a)."""
    circuit.cz(control, target)
    circuit.rx(-angle / 2, target)
    circuit.cz(control, target)
    circuit.rx(angle / 2, target)


def _memory_controlled(circuit: "QuantumCircuit", io: "Qubit", memory: "Qubit", angle: "AngleValue") -> None:
    _controlled_rx(circuit, memory, io, angle)


def _register(name: str, summary: str, entangler: "Entangler", frequencies: tuple[float, ...]) -> Ansatz:
    def angles(io_qubits: int, memory_qubits: int) -> tuple[Angle, ...]:
        pairs = qubit_pairs(io_qubits, memory_qubits)
        return (
            *(Angle(f"ent[{n},{m}]", frequencies, spread=0.5) for n, m in pairs),
            *(Angle(f"in[{n}]", (1.0,), spread=0.0) for n in range(io_qubits)),
            *(Angle(f"mem[{m}]", (1.0,), spread=0.5) for m in range(memory_qubits)),
        )

    def append(
        circuit: "QuantumCircuit",
        io: "Sequence[Qubit]",
        memory: "Sequence[Qubit]",
        theta: "Sequence[AngleValue]",
    ) -> None:
        pairs = tuple(qubit_pairs(len(io), len(memory)))
        for (n, m), angle in zip(pairs, theta[: len(pairs)], strict=True):
            entangler(circuit, io[n], memory[m], angle)
        for qubit, angle in zip((*io, *memory), theta[len(pairs) :], strict=True):
            circuit.rx(angle, qubit)

    return register_built_in(Ansatz(name, summary, angles, append))


PARTIAL_SWAP = _register(
    "partial-swap",
    "XY entangler: remembers its input",
    _partial_swap,
    frequencies=(1.0, 2.0),
)
MEMORY_CONTROLLED = _register(
    "memory-controlled",
    "CRX from memory to io: remembers its own spikes, not its input",
    _memory_controlled,
    frequencies=(0.5, 1.0),
)
IO_CONTROLLED = _register(
    "io-controlled",
    "CRX from io to memory: never remembers its input; with one memory qubit nothing at all",
    _controlled_rx,
    frequencies=(0.5, 1.0),
)


def _chain_angles(io_qubits: int, memory_qubits: int) -> tuple[Angle, ...]:
    swaps = (1.0, 2.0)
    return (
        *(Angle(f"shift[{m},{m - 1}]", swaps, spread=0.5) for m in range(memory_qubits - 1, 0, -1)),
        *(Angle(f"ent[{n},0]", swaps, spread=0.5) for n in range(io_qubits)),
        *(Angle(f"in[{n}]", (1.0,), spread=0.0) for n in range(io_qubits)),
        *(Angle(f"mem[{m}]", (1.0,), spread=0.5) for m in range(memory_qubits)),
    )


def _append_chain(
    circuit: "QuantumCircuit",
    io: "Sequence[Qubit]",
    memory: "Sequence[Qubit]",
    theta: "Sequence[AngleValue]",
) -> None:
    """Append partial swaps along the memory, last qubits first, then of each io qubit with memory 0."""
    pairs = [(memory[m - 1], memory[m]) for m in range(len(memory) - 1, 0, -1)]
    pairs += [(qubit, memory[0]) for qubit in io]
    for (near, far), angle in zip(pairs, theta[: len(pairs)], strict=True):
        _partial_swap(circuit, near, far, angle)
    for qubit, angle in zip((*io, *memory), theta[len(pairs) :], strict=True):
        circuit.rx(angle, qubit)


PARTIAL_SWAP_CHAIN = register_built_in(
    Ansatz(
        "partial-swap-chain",
        "XY entanglers along a chain: a shift register of its inputs",
        _chain_angles,
        _append_chain,
    )
)
