"""A device as the compiler and the estimate need it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qiskit.transpiler import Target

from sqsq.circuits import mid_circuit_measurement

DEFAULT_REP_DELAY = 250e-6
"""Seconds between shots where a device does not say, IBM's default."""


@dataclass(frozen=True, eq=False)
class Device:
    """What circuits are compiled for.

    Attributes:
        name: Its name, for errors.
        target: Its instructions, errors and durations.
        rep_delay: Seconds between two shots.
        mid_circuit: Whether what runs its circuits knows the device's own mid-circuit measurement;
            simulators know ``measure`` only.
        faulty: Qubits, as sets of one, and couplings, as sets of two, that the device marks as faulty.
    """

    name: str
    target: Target
    rep_delay: float = DEFAULT_REP_DELAY
    mid_circuit: bool = False
    faulty: frozenset[frozenset[int]] = frozenset()

    @property
    def measurement(self) -> str:
        """The name of the measurement that its circuits contain."""
        return mid_circuit_measurement(self.target).name if self.mid_circuit else "measure"

    def faults_of(self, qubits: Sequence[int]) -> str | None:
        """What is marked as faulty among some qubits and the couplings between them, in words; or None."""
        found = sorted(sorted(fault) for fault in self.faulty if fault <= set(qubits))
        if not found:
            return None
        kind = "qubit" if len(found[0]) == 1 else "coupling"
        return f"{kind} {'-'.join(map(str, found[0]))} of {self.name} is marked as faulty"


def device_of(backend: Any, properties: Any = None) -> Device:
    """Describe a backend of IBM, real or fake.

    Args:
        backend: The backend.
        properties: Its ``BackendProperties``, which know what is faulty; None where nothing is.
    """
    rep_delay = getattr(backend, "default_rep_delay", None)
    rep_delay = DEFAULT_REP_DELAY if rep_delay is None else rep_delay
    return Device(backend.name, backend.target, rep_delay, mid_circuit=True, faulty=_faulty(properties))


def _faulty(properties: Any) -> frozenset[frozenset[int]]:
    if properties is None:
        return frozenset()
    qubits = (frozenset([qubit]) for qubit in properties.faulty_qubits())
    gates = (frozenset(gate.qubits) for gate in properties.faulty_gates())
    return frozenset((*qubits, *gates))
