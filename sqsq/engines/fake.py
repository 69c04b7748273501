"""The devices ``fake_<device>``: a real device's published errors."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from qiskit import QuantumCircuit

from sqsq.circuits import cut_circuit, cut_target, device_circuit, used_qubits, with_delays
from sqsq.engines.noise import delays_as_relaxation, with_device_errors
from sqsq.engines.simulated import SimulatedCircuit
from sqsq.errors import BackendError
from sqsq.tables import Template


@lru_cache(maxsize=1)
def _classes() -> dict[str, type[Any]]:
    """The fake backends of qiskit-ibm-runtime by name; none is loaded yet."""
    from qiskit_ibm_runtime import fake_provider

    found = (getattr(fake_provider, name) for name in dir(fake_provider) if name.startswith("Fake"))
    return {cls.backend_name: cls for cls in found if isinstance(getattr(cls, "backend_name", None), str)}


def fake_names() -> tuple[str, ...]:
    """The names of all fake backends, ``fake_<device>``, in alphabetical order."""
    return tuple(sorted(_classes()))


@lru_cache(maxsize=8)
def fake_backend(name: str) -> Any:
    """Load a fake backend.

    Raises:
        BackendError: If there is none of this name.
    """
    if name not in _classes():
        raise BackendError(f"unknown fake backend {name!r}: choose from {', '.join(fake_names())}")
    return _classes()[name]()


def fake_circuit(
    template: Template, backend: Any, idle_noise: bool, group: Sequence[int] | None = None
) -> SimulatedCircuit:
    """Transpile for the whole device and fold, then keep the qubits in use and their noise.

    Args:
        template: What to run.
        backend: A fake backend.
        idle_noise: Whether qubits relax while they wait for others.
        group: The physical qubits, io then memory; those of least reported error if None.

    Raises:
        BackendError: If the device cannot run the circuit, or does not publish what its noise needs.
    """
    circuit = device_circuit(template, backend, group)
    if idle_noise:
        circuit = with_delays(circuit, backend.target, backend.name)
    return noisy_part(circuit, backend)


def noisy_part(circuit: QuantumCircuit, backend: Any) -> SimulatedCircuit:
    """Keep the qubits that a device circuit uses, their noise, and what its delays do to them.

    Raises:
        BackendError: If the device does not publish what its noise needs.
    """
    qubits = used_qubits(circuit)
    target = cut_target(backend.target, qubits)
    part = delays_as_relaxation(cut_circuit(circuit, qubits), target, backend.name)
    return with_device_errors(part, target)
