"""Inspect the neurons of a trained run, or an ansatz."""

import os
from pathlib import Path

from sqsq.engines.exact import Inspection, inspect_neuron
from sqsq.errors import UsageError
from sqsq.model import Neuron, ansatz_names
from sqsq.runs.run_directory import RunDirectory


def inspect_target(
    target: str, *, io_qubits: int, memory_qubits: int, backend: str, steps: int, draws: int, seed: int
) -> list[Inspection]:
    """Find out what an ansatz, or each neuron of a trained run, remembers.

    Args:
        target: The name of an ansatz, or a run directory.
        io_qubits: N, for an ansatz.
        memory_qubits: N^M, for an ansatz.
        backend: ``exact`` or ``exact:fake_<device>``.
        steps: T.
        draws: Random currents (and, for an ansatz, angles) to look at.
        seed: The seed of those.

    Raises:
        UsageError: If a value is not allowed, or the target is no ansatz and no directory.
        DataError: If the run's model cannot be read.
    """
    if target not in ansatz_names() and not os.path.isdir(target):
        raise UsageError(f"{target!r} is neither an ansatz ({', '.join(ansatz_names())}) nor a run directory")
    if target in ansatz_names():
        neuron = Neuron(io_qubits, memory_qubits, target)
        return [inspect_neuron(neuron, backend=backend, steps=steps, draws=draws, seed=seed)]
    network, parameters = RunDirectory(Path(target)).trained()
    if network is None:
        raise UsageError(f"the model of {target} is no network of spiking neurons: nothing to inspect")
    if any(neuron.definition.append is None for neuron in network.neurons):
        raise UsageError(f"the neurons of {target} are classical: what they remember is in their formula")
    return [
        inspect_neuron(
            neuron,
            theta=parameters.theta[i, : len(neuron.angles)],
            backend=backend,
            steps=steps,
            draws=draws,
            seed=seed,
        )
        for i, neuron in enumerate(network.neurons)
    ]
