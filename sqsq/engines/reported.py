"""Which qubits a backend uses, and what is reported of their readout."""

from dataclasses import replace

import numpy as np

from sqsq.engines.best_group import best_group
from sqsq.engines.choice import BackendChoice
from sqsq.engines.protocol import Engine
from sqsq.engines.queued import QueuedEngine
from sqsq.engines.readout import Groups, ReportedReadout, readout_of_groups
from sqsq.engines.registry import device_programs
from sqsq.tables import Template


def reported_readout(
    choice: BackendChoice, engine: Engine | QueuedEngine, template: Template
) -> ReportedReadout:
    """Look up where a template runs and what is reported of those qubits.

    A fake device is simulated with one and the same error for both states, so that is what it reports.
    An ideal simulator misreads nothing.

    Args:
        choice: The backend.
        engine: The same, opened.
        template: The neuron.

    Raises:
        TemporaryError: If the service cannot be reached.
        BackendError: If the device reports no readout error of a qubit in use.
    """
    if isinstance(engine, QueuedEngine):
        return engine.reported_readout(template)
    io_qubits = template.neuron.io_qubits
    programs = device_programs(choice)
    if programs is None:
        return ReportedReadout((), np.tile(np.eye(2), (1, io_qubits, 1, 1)), None)
    from sqsq.engines.fake import fake_backend

    simulated = replace(programs.device, mid_circuit=False)
    properties = fake_backend(simulated.name).properties()
    return readout_of_groups(simulated, properties, simulated_groups(choice, template), io_qubits)


def simulated_groups(choice: BackendChoice, template: Template) -> Groups:
    """The groups that the simulator of a device runs: one, unless more are asked for."""
    programs = device_programs(choice)
    assert programs is not None
    placement = choice.placement
    if placement.layout or isinstance(placement.pack, int):
        return programs.groups(template)
    return (best_group(template, programs.device),)
