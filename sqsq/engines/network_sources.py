"""Where simulated circuits of whole networks come from: ideal gates, or a fake device."""

from collections.abc import Callable
from typing import Any

from sqsq.circuits import FusedCircuit, fuse, fuse_for_device, place_neurons, transpile_ideal, with_waiting
from sqsq.engines.fake import fake_backend, noisy_part
from sqsq.engines.simulated import SimulatedCircuit
from sqsq.tables import FusedPlan

NetworkSource = Callable[[FusedPlan], tuple[FusedCircuit, SimulatedCircuit]]


def networks_of(device: str, *, idle_noise: bool) -> NetworkSource:
    """Return what turns plans into fused circuits and what simulators run for them.

    Args:
        device: ``fake_<device>``, or nothing for ideal gates.
        idle_noise: Whether waiting qubits relax.

    Raises:
        BackendError: If there is no such device.
    """
    if not device:
        return _ideal_network
    backend = fake_backend(device)
    return lambda plan: _fake_network(plan, backend, idle_noise)


def _ideal_network(plan: FusedPlan) -> tuple[FusedCircuit, SimulatedCircuit]:
    fused = fuse(plan)
    return fused, SimulatedCircuit(transpile_ideal(fused.circuit))


def _fake_network(plan: FusedPlan, backend: Any, idle_noise: bool) -> tuple[FusedCircuit, SimulatedCircuit]:
    fused = fuse_for_device(plan, backend, place_neurons(plan.neurons, backend)).fused
    circuit = fused.circuit
    if idle_noise:
        circuit = with_waiting(circuit, backend.target, backend.name)
    return fused, noisy_part(circuit, backend)
