"""Users' own ansatze, from a Qiskit circuit with parameters."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqsq.model.ansatz import Ansatz
from sqsq.model.ansatz_drawing import define_by_circuit
from sqsq.model.ansatz_registry import register_definition
from sqsq.model.circuit_reading import read_gates
from sqsq.model.declared_angles import checked_frequencies

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import Parameter


def ansatz_from_circuit(
    name: str,
    circuit: "QuantumCircuit",
    *,
    io_qubits: int,
    theta: "Sequence[Parameter] | None" = None,
    frequencies: Sequence[Sequence[float]] | None = None,
    spread: float = 0.5,
    summary: str = "registered by the user",
    rectified: bool = True,
) -> Ansatz:
    """Register V(theta) of eq. (4) as drawn in a circuit.

    The circuit is taken apart and checked at once: changing it later changes nothing. Registering an equal
    one again under the same name does no harm. Models and runs hold the definition, so they can be used in
    processes that never saw the circuit.

    Args:
        name: The name to register it under.
        circuit: Unitary, io qubits first, then the memory qubits, at most 8; its parameters are theta. Gates
            turn by sums and multiples of them; every other gate must have a definition or a matrix.
        io_qubits: N; the other qubits are memory.
        theta: The order of the angles; by default the order of ``circuit.parameters``.
        frequencies: For each angle the frequencies of its oscillation; found numerically if None. Those that
            are declared must hold all there are.
        spread: Training starts uniformly in (-spread, spread) for every angle, radians.
        summary: One line for lists.
        rectified: Whether negative currents turn nothing; see ``Ansatz``.

    Raises:
        UsageError: If the circuit cannot be run by an engine, leaves no memory qubit, has no parameter or is
            too large to check, if theta or frequencies do not fit it, if frequencies cannot be found, or if
            the name is taken by another ansatz.
    """
    definition = define_by_circuit(
        name,
        circuit,
        io_qubits=io_qubits,
        theta=theta,
        frequencies=frequencies,
        spread=spread,
        summary=summary,
        rectified=rectified,
    )
    return register_definition(definition)


def find_frequencies(circuit: "QuantumCircuit", theta: "Sequence[Parameter]") -> list[tuple[float, ...]]:
    """Find with which frequencies expectation values oscillate in each parameter of a circuit.

    Args:
        circuit: A unitary circuit.
        theta: Its parameters.

    Returns:
        For each parameter the positive frequencies, multiples of 1/4, increasing.

    Raises:
        UsageError: If a parameter has other frequencies, or none.
    """
    names = [parameter.name for parameter in theta]
    return checked_frequencies(read_gates(circuit, theta), circuit.num_qubits, names, None)
