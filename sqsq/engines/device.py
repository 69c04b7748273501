"""A device as the compiler and the estimate need it."""

from dataclasses import dataclass
from typing import Any

from qiskit.transpiler import Target

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
    """

    name: str
    target: Target
    rep_delay: float = DEFAULT_REP_DELAY
    mid_circuit: bool = False


def device_of(backend: Any) -> Device:
    """Describe a backend of IBM, real or fake."""
    rep_delay = getattr(backend, "default_rep_delay", None)
    rep_delay = DEFAULT_REP_DELAY if rep_delay is None else rep_delay
    return Device(backend.name, backend.target, rep_delay, mid_circuit=True)
