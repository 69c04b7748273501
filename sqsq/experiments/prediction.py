"""What a trained network takes examples for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import whole_number
from sqsq.data import check_examples
from sqsq.engines import open_simulator
from sqsq.errors import BackendError, UsageError
from sqsq.experiments.run_directory import RunDirectory
from sqsq.experiments.settings import TrainUspsSettings
from sqsq.experiments.stored_settings import settings_of
from sqsq.jobs import drive
from sqsq.learning import Predictions, predict
from sqsq.model import Network, Parameters
from sqsq.tables import Template, Usage

_PREDICTION = 7
"""A stream of random numbers, beside those of training and evaluation."""
_AT_ONCE = 1_000
"""Examples whose spikes are held at once."""


@dataclass(frozen=True, eq=False)
class NamedPredictions:
    """What examples are taken for.

    Attributes:
        classes: The name of the class of each example, shape (examples,).
        numbers: The same as a number, the output neuron that spiked most.
        counts: Spikes of each output neuron, shape (examples, classes).
        probabilities: See ``Predictions.probabilities``.
        ties: How many examples had to be decided at random.
        spikes: Of all neurons, uint8, shape (examples, T, neurons, channels).
        usage: What running them used.
    """

    classes: NDArray[np.str_]
    numbers: NDArray[np.intp]
    counts: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    ties: int
    spikes: NDArray[np.uint8]
    usage: Usage

    def __len__(self) -> int:
        return len(self.numbers)


def predict_run(
    run_dir: Path | str, x: Any, *, backend: str | None = None, seed: int = 0
) -> NamedPredictions:
    """Say what the network of a run takes examples for; see ``predict_examples``.

    Raises:
        DataError: If the run or its model cannot be read.
        UsageError: If the examples do not fit the network.
        BackendError: If the backend does not exist or cannot run the circuits.
    """
    directory = RunDirectory(Path(run_dir))
    settings = settings_of(directory)
    network, parameters = directory.trained()
    return predict_examples(settings, network, parameters, settings.chosen, x, backend=backend, seed=seed)


def predict_examples(
    settings: TrainUspsSettings,
    network: Network,
    parameters: Parameters,
    classes: Sequence[str],
    x: Any,
    *,
    backend: str | None = None,
    seed: int = 0,
) -> NamedPredictions:
    """Say what examples are taken for, each encoded and run once.

    Args:
        settings: Those of the run that trained the network: its encoder, T and backend.
        network: The network.
        parameters: Its weights and angles.
        classes: The names of the classes.
        x: What the encoder takes, such as values in [0, 1], shape (examples, ...).
        backend: A simulator; the one that the run was evaluated on if None.
        seed: Of encodings, shots and ties.

    Raises:
        UsageError: If the examples do not fit the network.
        BackendError: If the backend does not exist, is hardware, or cannot run the circuits.
    """
    seed = whole_number(seed, "seed", 0)
    values = check_examples(x, "x", settings.encoding)
    if values.shape[-1] != network.inputs:
        raise UsageError(
            f"x has {values.shape[-1]} values an example: the network has {network.inputs} input lines"
        )
    choice = settings.choice(backend or settings.evaluating)
    if choice.hardware:
        raise BackendError(f"{choice.name} is hardware: predict on a simulator, such as --backend exact")
    engine = open_simulator(choice)
    engine.prepare(Template(settings.neuron, settings.steps))
    rng = np.random.default_rng([seed, _PREDICTION])
    parts: list[Predictions] = []
    usage = Usage()
    for first in range(0, len(values), _AT_ONCE):
        inputs = settings.encoding.encode(values[first : first + _AT_ONCE], 1, settings.steps, rng)
        plan = predict(network, parameters, inputs[:, 0], rng, ("predict", seed, first), settings.forward)
        found, used = drive(plan, engine)
        parts.append(found)
        usage += used
    numbers = np.concatenate([part.classes for part in parts])
    return NamedPredictions(
        np.array(classes)[numbers],
        numbers,
        np.concatenate([part.counts for part in parts]),
        np.concatenate([part.probabilities for part in parts]),
        sum(part.ties for part in parts),
        np.concatenate([part.spikes for part in parts]),
        usage,
    )
