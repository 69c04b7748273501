"""What IBM hardware takes, checked before anything is sent: the client checks none of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from qiskit import QuantumCircuit
from qiskit.circuit import Clbit, IfElseOp
from qiskit.circuit.classical import expr

from sqsq.errors import BackendError

MAX_EXECUTIONS = 10_000_000
"""Executions of one job."""
MAX_INSTRUCTIONS = 26_800_000
"""Control instructions of one qubit in all circuits of one job."""
MAX_OPERAND_BITS = 32
"""Bits of one operand of a condition."""
MAX_BROADCASTS = 300
"""Broadcasts of measured bits in one job, about."""
BROADCAST_BITS = 60
"""Bits of one broadcast."""
_WEIGHT = {"measure": 10, "measure_2": 10, "reset": 17, "reset_2": 17, "barrier": 0}
"""How many control instructions an operation is; 1 where not listed."""


@dataclass(frozen=True)
class Limit:
    """How a circuit stands against one limit.

    Attributes:
        name: What is limited.
        used: How much the circuit uses.
        allowed: How much there is.
        advice: What to change.
    """

    name: str
    used: int
    allowed: int
    advice: str

    @property
    def kept(self) -> bool:
        """Whether the circuit keeps it."""
        return self.used <= self.allowed

    def __str__(self) -> str:
        return f"{self.name}: {self.used:,} of {self.allowed:,}" + ("" if self.kept else f": {self.advice}")


def circuit_limits(circuit: QuantumCircuit, shots: int = 1) -> tuple[Limit, ...]:
    """Measure a device circuit against every limit of one job that runs it once.

    Args:
        circuit: A transpiled circuit.
        shots: Its shots.
    """
    inside = [item.operation.name for body in _bodies(circuit) for item in body.data]
    others = [
        item.operation.name
        for item in circuit.data
        if hasattr(item.operation, "blocks") and not isinstance(item.operation, IfElseOp)
    ]
    layered = "run the network layer by layer (--forward layered)"
    return (
        Limit("executions of a job", shots, MAX_EXECUTIONS, "ask for fewer shots"),
        Limit(
            "control instructions of a qubit",
            control_instructions(circuit),
            MAX_INSTRUCTIONS,
            "use fewer steps, or a smaller noise scale where it is folded",
        ),
        Limit("control flow other than if", len(others), 0, "write it as if_test"),
        Limit("nested conditionals", inside.count("if_else"), 0, "use one condition with an AND"),
        Limit(
            "measurements and resets inside a conditional",
            sum(name.startswith(("measure", "reset")) for name in inside),
            0,
            "measure and reset outside",
        ),
        Limit("bits of a condition", _widest(circuit), MAX_OPERAND_BITS, f"{layered}, or cut edges"),
        Limit(
            "broadcasts of measured bits", broadcasts(circuit), MAX_BROADCASTS, f"{layered}, or fewer steps"
        ),
    )


def check_limits(circuit: QuantumCircuit, shots: int = 1) -> None:
    """Check that hardware takes a circuit.

    Raises:
        BackendError: If a limit is broken: which, by how much, and what to change.
    """
    broken = [str(limit) for limit in circuit_limits(circuit, shots) if not limit.kept]
    if broken:
        raise BackendError("the circuit exceeds what IBM hardware takes: " + "; ".join(broken))


def control_instructions(circuit: QuantumCircuit) -> int:
    """The control instructions of the busiest qubit of a circuit."""
    counts = [0] * circuit.num_qubits
    for item in circuit.data:
        blocks = getattr(item.operation, "blocks", ())
        inside = max((control_instructions(body) for body in blocks), default=0)
        for qubit in item.qubits:
            counts[circuit.find_bit(qubit).index] += _WEIGHT.get(item.operation.name, 1) + inside
    return max(counts, default=0)


def broadcasts(circuit: QuantumCircuit) -> int:
    """How often measured bits must be sent to where a condition waits for them.

    Bits that are measured one after the other, with no conditional between, travel together.
    """
    needed = {bit for item in circuit.data if isinstance(item.operation, IfElseOp) for bit in item.clbits}
    total, together = 0, 0
    for item in circuit.data:
        if isinstance(item.operation, IfElseOp):
            total += -(-together // BROADCAST_BITS)
            together = 0
        elif item.operation.name.startswith("measure"):
            together += sum(bit in needed for bit in item.clbits)
    return total


def _bodies(circuit: QuantumCircuit) -> Iterator[QuantumCircuit]:
    for item in circuit.data:
        if isinstance(item.operation, IfElseOp):
            yield from item.operation.blocks


def _widest(circuit: QuantumCircuit) -> int:
    """Bits of the widest operand: one where single bits are compared."""
    return max(
        (
            _operand_bits(item.operation.condition)
            for item in circuit.data
            if isinstance(item.operation, IfElseOp)
        ),
        default=0,
    )


def _operand_bits(condition: object) -> int:
    if isinstance(condition, tuple):
        return 1 if isinstance(condition[0], Clbit) else int(condition[0].size)
    if isinstance(condition, expr.Expr):
        return max((_var_bits(var) for var in expr.iter_vars(condition)), default=1)
    return 1


def _var_bits(var: expr.Var) -> int:
    return 1 if isinstance(var.var, Clbit) else int(getattr(var.var, "size", 1))
