"""An exact engine of the noise that a backend has, or reports."""

from qiskit.exceptions import QiskitError

from sqsq.engines.choice import BackendChoice
from sqsq.engines.exact import ExactEngine
from sqsq.engines.fake import fake_backend, fake_circuit
from sqsq.engines.protocol import Engine
from sqsq.engines.queued import QueuedEngine
from sqsq.engines.registry import fake_device_name
from sqsq.engines.reported import simulated_groups
from sqsq.errors import BackendError
from sqsq.tables import Template


def exact_engine_of(
    choice: BackendChoice, engine: Engine | QueuedEngine, template: Template
) -> ExactEngine | None:
    """Imitate a backend, so that its probabilities are known without a shot.

    Of several groups of qubits the one in the middle is imitated: groups are listed best first.

    Args:
        choice: The backend.
        engine: The same, opened.
        template: The neuron.

    Returns:
        The engine; None for an ideal simulator.

    Raises:
        BackendError: If the device does not report what its noise needs.
    """
    name = choice.name
    if isinstance(engine, QueuedEngine):
        device, groups, idle_noise = engine.open_device(), engine.groups(template), True
    elif (fake := fake_device_name(name)) is not None:
        name = fake
        device, groups, idle_noise = fake_backend(name), simulated_groups(choice, template), choice.idle_noise
    else:
        return None
    group = groups[len(groups) // 2]
    found = ExactEngine(
        f"exact:{name}", lambda scaled: fake_circuit(scaled, device, idle_noise, group), choice.seed
    )
    try:
        found.prepare(template)
    except (QiskitError, AttributeError) as error:
        raise BackendError(f"{name} does not report what its noise needs: {error}") from error
    return found
