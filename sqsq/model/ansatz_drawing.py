"""Users' own ansatze become definitions: taken from a circuit once, checked, and from then on a value."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np

from sqsq.errors import SqsqError, UsageError
from sqsq.model.ansatz import Angle, Ansatz
from sqsq.model.ansatz_definition import MOST_QUBITS, AnsatzDefinition, AnsatzGate
from sqsq.model.circuit_reading import read_gates
from sqsq.model.declared_angles import checked_frequencies, frequencies_as_numbers, spread_as_number
from sqsq.model.oscillations import unitary

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import Parameter

_SAME = 1e-9
"""How far the gates that were read may be from their circuit, each number of the unitary."""


def draw_definition(ansatz: Ansatz, io_qubits: int, memory_qubits: int) -> AnsatzDefinition | None:
    """The definition of an ansatz that is known by its ``append``, for (N, N^M).

    Returns:
        What ``append`` draws now; None for a classical neuron, of which its name is all that is known.

    Raises:
        UsageError: If the ansatz is not defined for this size, or what it draws or declares is wrong.
    """
    from qiskit import QuantumCircuit
    from qiskit.circuit import ParameterVector

    ansatz.check_size(io_qubits, memory_qubits)
    if ansatz.append is None:
        return None
    circuit = QuantumCircuit(io_qubits + memory_qubits)
    qubits = list(circuit.qubits)
    with _own_code(f"ansatz {ansatz.name!r} with {io_qubits} io and {memory_qubits} memory qubits"):
        angles = tuple(ansatz.angles(io_qubits, memory_qubits))
        names = [str(angle.name) for angle in angles]
        declared_as = [(angle.frequencies, angle.spread) for angle in angles]
        theta = tuple(ParameterVector("theta", len(angles)))
        ansatz.append(circuit, qubits[:io_qubits], qubits[io_qubits:], theta)
    with _naming(ansatz.name):
        if len(circuit.qubits) != len(qubits):
            raise UsageError(f"it adds qubits: {circuit.num_qubits} in place of {len(qubits)}")
        declared = frequencies_as_numbers([frequencies for frequencies, _ in declared_as], len(angles))
        spreads = [spread_as_number(spread) for _, spread in declared_as]
        size = check_size(circuit.num_qubits, io_qubits)
        gates = read_circuit(circuit, theta)
        found = checked_frequencies(gates, circuit.num_qubits, names, declared)
    return AnsatzDefinition(
        ansatz.name,
        size,
        tuple(Angle(*each) for each in zip(names, found, spreads, strict=True)),
        gates,
        ansatz.rectified,
        any_size=ansatz.size is None,
        summary=ansatz.summary,
    )


def define_by_circuit(
    name: str,
    circuit: "QuantumCircuit",
    *,
    io_qubits: int,
    theta: "Sequence[Parameter] | None",
    frequencies: Sequence[Sequence[float]] | None,
    spread: float,
    summary: str,
    rectified: bool,
) -> AnsatzDefinition:
    """The definition of V(theta) as it is drawn in a circuit now; see ``ansatz_from_circuit``.

    Raises:
        UsageError: As ``ansatz_from_circuit``.
    """
    from qiskit import QuantumCircuit

    with _naming(name):
        if not isinstance(circuit, QuantumCircuit):
            raise UsageError(f"circuit is a {type(circuit).__name__}: must be a qiskit QuantumCircuit")
        if not isinstance(summary, str) or not summary.isprintable():
            raise UsageError(f"summary is {summary!r}: must be one line of text")
        if not isinstance(rectified, bool):
            raise UsageError(f"rectified is {rectified!r}: must be True or False")
        number = spread_as_number(spread)
        size = check_size(circuit.num_qubits, io_qubits)
        order = _order(circuit, theta)
        declared = None if frequencies is None else frequencies_as_numbers(frequencies, len(order))
        gates = read_circuit(circuit, order)
        names = [parameter.name for parameter in order]
        found = checked_frequencies(gates, circuit.num_qubits, names, declared)
    angles = tuple(Angle(own, f, number) for own, f in zip(names, found, strict=True))
    return AnsatzDefinition(name, size, angles, gates, rectified, summary=summary)


def read_circuit(circuit: "QuantumCircuit", theta: "Sequence[Parameter]") -> tuple[AnsatzGate, ...]:
    """The gates of a circuit; at random angles they are its own unitary, up to a phase.

    Raises:
        UsageError: If no engine can run it; see ``read_gates``.
    """
    from qiskit.quantum_info import Operator

    gates = read_gates(circuit, theta)
    used = circuit.parameters
    for values in np.random.default_rng(7).uniform(-3, 3, (2, len(theta))):
        angles = {p: x for p, x in zip(theta, values.tolist(), strict=True) if p in used}
        try:
            theirs = Operator(circuit.assign_parameters(angles)).data
        except Exception as error:  # whatever the user's own gates raise
            words = " ".join(str(error).split())
            raise UsageError(f"the unitary of the circuit cannot be worked out: {words}") from error
        ours = unitary(gates, values, circuit.num_qubits)
        overlap = np.vdot(ours, theirs)
        phase = overlap / abs(overlap) if overlap else 1.0
        if not np.abs(theirs - phase * ours).max() <= _SAME:
            raise UsageError(
                "the definition of one of its gates is not the unitary that the gate claims to be"
            )
    return gates


def check_size(qubits: int, io_qubits: Any) -> tuple[int, int]:
    """N and N^M of a circuit.

    Raises:
        UsageError: If either is below 1, N is no whole number, or there are too many to check the circuit.
    """
    try:
        io = index(io_qubits)
    except TypeError:
        io = None
    if io is None or isinstance(io_qubits, bool):
        raise UsageError(f"io_qubits is {io_qubits!r}: must be a whole number")
    if io < 1 or qubits - io < 1:
        raise UsageError(
            f"{qubits} qubits with {io} io qubits leave {qubits - io} for memory: at least 1 of each"
        )
    if qubits > MOST_QUBITS:
        raise UsageError(f"{qubits} qubits: at most {MOST_QUBITS}, or its angles cannot be checked")
    return io, qubits - io


def _order(circuit: "QuantumCircuit", theta: Any) -> "tuple[Parameter, ...]":
    """The parameters in the order of theta, each once."""
    try:
        order = tuple(circuit.parameters if theta is None else theta)
        right = len(order) == len(circuit.parameters) and set(order) == set(circuit.parameters)
    except TypeError:
        order, right = (), False
    if not order or not right:
        repeated = {getattr(p, "name", p) for k, p in enumerate(order) if p in order[:k]}
        raise UsageError(
            "theta must list each parameter of the circuit once: "
            f"{', '.join(p.name for p in circuit.parameters) or 'it has none'}"
            + (f", and lists {', '.join(map(str, sorted(repeated)))} again" if repeated else "")
        )
    for parameter in order:
        if not parameter.name.isprintable():
            raise UsageError(f"a parameter is named {parameter.name!r}: must be printable")
    return order


@contextmanager
def _own_code(whose: str) -> Iterator[None]:
    """Say in one line what a user's own functions raise; sqsq's errors say it themselves."""
    try:
        yield
    except SqsqError:
        raise
    except Exception as error:
        words = " ".join(f"{type(error).__name__} {error}".split())
        raise UsageError(f"{whose} cannot be drawn: {words}") from error


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Say which ansatz a mistake is in."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"ansatz {name!r}: {error}") from error
