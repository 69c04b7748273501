"""Users' own ansatze, from a Qiskit circuit with parameters."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sqsq.errors import UsageError
from sqsq.model.ansatz import Angle, Ansatz, register_ansatz

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.circuit import Parameter, Qubit

    from sqsq.model.ansatz import AngleValue

_SAMPLES = 128
_PERIOD = 8 * np.pi
"""One period of every multiple of 1/4; 128 samples tell multiples up to 63/4 apart."""


def ansatz_from_circuit(
    name: str,
    circuit: "QuantumCircuit",
    *,
    io_qubits: int,
    theta: "Sequence[Parameter] | None" = None,
    frequencies: Sequence[Sequence[float]] | None = None,
    spread: float = 0.5,
    summary: str = "registered by the user",
) -> Ansatz:
    """Register V(theta) of eq. (4) as drawn in a circuit.

    Args:
        name: The name to register it under.
        circuit: Unitary, io qubits first, then the memory qubits; its parameters are theta.
        io_qubits: N; the other qubits are memory.
        theta: The order of the angles; by default the order of ``circuit.parameters``.
        frequencies: For each angle the frequencies of its oscillation; found numerically if None.
        spread: Training starts uniformly in (-spread, spread) for every angle, radians.
        summary: One line for lists.

    Raises:
        UsageError: If the circuit measures, leaves no memory qubit, has no parameter, if theta or
            frequencies do not fit it, or if frequencies cannot be found.
    """
    memory_qubits = circuit.num_qubits - io_qubits
    if io_qubits < 1 or memory_qubits < 1:
        raise UsageError(
            f"ansatz {name!r}: {circuit.num_qubits} qubits with {io_qubits} io qubits leave "
            f"{memory_qubits} for memory: at least 1 of each"
        )
    if circuit.num_clbits or any(not _is_unitary(item.operation) for item in circuit.data):
        raise UsageError(f"ansatz {name!r} must be a unitary circuit: no measurement, reset or classical bit")
    order = tuple(circuit.parameters if theta is None else theta)
    if not order or set(order) != set(circuit.parameters):
        raise UsageError(
            f"ansatz {name!r}: theta must list each parameter of the circuit once: "
            f"{', '.join(p.name for p in circuit.parameters) or 'it has none'}"
        )
    found = find_frequencies(circuit, order) if frequencies is None else [tuple(f) for f in frequencies]
    if len(found) != len(order) or any(not f or min(f) <= 0 for f in found):
        raise UsageError(f"ansatz {name!r}: frequencies must be one or more positive numbers for each angle")
    angles = tuple(Angle(p.name, tuple(f), spread) for p, f in zip(order, found, strict=True))

    def append(
        target: "QuantumCircuit",
        io: "Sequence[Qubit]",
        memory: "Sequence[Qubit]",
        values: "Sequence[AngleValue]",
    ) -> None:
        bound = circuit.assign_parameters(dict(zip(order, values, strict=True)))
        target.compose(bound, qubits=[*io, *memory], inplace=True)

    size = (io_qubits, memory_qubits)
    return register_ansatz(Ansatz(name, summary, lambda *_: angles, append, size))


def find_frequencies(circuit: "QuantumCircuit", theta: "Sequence[Parameter]") -> list[tuple[float, ...]]:
    """Find with which frequencies expectation values oscillate in each parameter of a circuit.

    Random states, observables and other angles are drawn (fixed seed), the expectation value is
    sampled over one period of 8 pi, and the frequencies are read off its Fourier transform. The
    series is then checked between the samples.

    Args:
        circuit: A unitary circuit.
        theta: Its parameters.

    Returns:
        For each parameter the positive frequencies, multiples of 1/4, increasing.

    Raises:
        UsageError: If a parameter has other frequencies, or none.
    """
    from qiskit.quantum_info import Operator, random_hermitian, random_statevector

    rng = np.random.default_rng(0)
    grid = np.append(np.arange(_SAMPLES) * _PERIOD / _SAMPLES, rng.uniform(0, _PERIOD, 3))
    dimension = 2**circuit.num_qubits
    state = random_statevector(dimension, seed=1).data
    observable = random_hermitian(dimension, seed=2).data
    found = []
    for parameter in theta:
        others = {p: rng.uniform(-3, 3) for p in theta if p != parameter}
        one_free = circuit.assign_parameters(others)
        values = np.empty(len(grid))
        for k, angle in enumerate(grid):
            evolved = Operator(one_free.assign_parameters({parameter: angle})).data @ state
            values[k] = np.real(evolved.conj() @ observable @ evolved)
        spectrum = np.fft.rfft(values[:_SAMPLES]) / _SAMPLES
        kept = [k for k in range(1, _SAMPLES // 2) if abs(spectrum[k]) > 1e-9]
        series = np.real(spectrum[0]) + sum(
            (2 * np.real(spectrum[k] * np.exp(2j * np.pi * k * grid / _PERIOD)) for k in kept),
            np.zeros_like(grid),
        )
        if not kept or np.max(np.abs(series - values)) > 1e-8:
            raise UsageError(
                f"the frequencies of angle {parameter.name!r} are not multiples of 1/4 below 16: declare them"
            )
        found.append(tuple(k / 4 for k in kept))
    return found


def _is_unitary(operation: object) -> bool:
    from qiskit.circuit import Barrier, Gate

    return isinstance(operation, Gate | Barrier)
