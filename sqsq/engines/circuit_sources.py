"""Where simulated circuits come from: ideal gates, or a fake device."""

from collections.abc import Callable, Sequence

from sqsq.engines.fake import fake_backend, fake_circuit
from sqsq.engines.ideal import ideal_circuit
from sqsq.engines.simulated import SimulatedCircuit
from sqsq.tables import Template


def circuits_of(
    device: str, *, idle_noise: bool, group: Callable[[Template], Sequence[int]] | None = None
) -> Callable[[Template], SimulatedCircuit]:
    """Return what turns templates into circuits.

    Args:
        device: ``fake_<device>``, or nothing for ideal gates.
        idle_noise: Whether waiting qubits relax.
        group: The physical qubits of a template, io then memory; those of least reported error if None.

    Raises:
        BackendError: If there is no such device.
    """
    if not device:
        return ideal_circuit
    backend = fake_backend(device)
    return lambda template: fake_circuit(
        template, backend, idle_noise, None if group is None else group(template)
    )
