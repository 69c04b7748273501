"""Single-shot inference, as on hardware: one spike train for each neuron and image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import class_array, probability_array, spike_array
from sqsq.data import Sequences, rate_decode, rate_encode
from sqsq.errors import UsageError
from sqsq.learning.forward import NetworkExecution, forward
from sqsq.model import Network, Parameters
from sqsq.tables import Plan


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How well a network classified some images.

    Attributes:
        accuracy: The share classified right.
        images: How many there were.
        ties: How many had to be decided at random.
        spikes_per_step: Spikes of the whole network a time step, averaged over images.
        spikes_per_neuron: The same for each neuron, shape (neurons,).
    """

    accuracy: float
    images: int
    ties: int
    spikes_per_step: float
    spikes_per_neuron: NDArray[np.float64]


def evaluate(
    network: Network,
    parameters: Parameters,
    images: NDArray[np.float64],
    classes: NDArray[np.intp],
    steps: int,
    rng: np.random.Generator,
    key: tuple[str | int, ...] = (),
    execution: NetworkExecution = "layered",
) -> Plan[Evaluation]:
    """Classify images, each encoded and run once.

    Args:
        network: The network.
        parameters: Its weights and angles.
        images: Spike probabilities, shape (images, inputs).
        classes: The right classes, shape (images,).
        steps: T.
        rng: Encodes the images and breaks ties.
        key: What the tables are for.
        execution: See ``forward``.

    Yields:
        The tables of ``forward``.

    Returns:
        Accuracy and spike counts.

    Raises:
        UsageError: If there is no image, a probability is not within [0, 1], a class not one of the output
            neurons, or a shape does not fit.
    """
    images = probability_array(images, "images", ("images", network.inputs))
    classes = class_array(classes, "classes", len(images), len(network.outputs))
    inputs = rate_encode(images, 1, steps, rng)[:, 0]
    return (yield from classify(network, parameters, inputs, classes, rng, key, execution))


def classify(
    network: Network,
    parameters: Parameters,
    inputs: NDArray[np.uint8],
    classes: NDArray[np.intp],
    rng: np.random.Generator,
    key: tuple[str | int, ...] = (),
    execution: NetworkExecution = "layered",
) -> Plan[Evaluation]:
    """Classify spikes, each example run once; otherwise as ``evaluate``.

    Args:
        network: The network; it must not be recurrent.
        parameters: Its weights and angles.
        inputs: Spikes of the input lines, shape (examples, T, inputs).
        classes: The right classes, shape (examples,).
        rng: Breaks ties.
        key: What the tables are for.
        execution: See ``forward``.

    Raises:
        UsageError: If there is no example, a spike is neither 0 nor 1, a class not one of the output neurons,
            or a shape does not fit.
    """
    inputs = spike_array(inputs, "inputs", ("examples", "T", network.inputs))
    classes = class_array(classes, "classes", len(inputs), len(network.outputs))
    neurons = yield from single_shot(network, parameters, inputs, key, execution)
    decoded = rate_decode(neurons[:, :, list(network.outputs)], rng)
    own = np.arange(network.channels) < np.array([[neuron.io_qubits] for neuron in network.neurons])
    per_neuron = (neurons * own).sum(axis=-1, dtype=np.int64).mean(axis=(0, 1))
    return Evaluation(
        accuracy=float((decoded.classes == classes).mean()),
        images=len(classes),
        ties=decoded.ties,
        spikes_per_step=float(per_neuron.sum()),
        spikes_per_neuron=per_neuron,
    )


def answer(
    network: Network, parameters: Parameters, sequences: Sequences, key: tuple[str | int, ...] = ()
) -> Plan[float]:
    """Answer sequences step by step, each run once.

    Args:
        network: The network; it must not be recurrent.
        parameters: Its weights and angles.
        sequences: Inputs and right answers.
        key: What the tables are for.

    Yields:
        One table for each layer and kind of neuron.

    Returns:
        The share of counted steps at which every output neuron did what it should.

    Raises:
        UsageError: If there is no sequence, or they do not fit the network.
    """
    if (outputs := sequences.targets.shape[2]) != len(network.outputs):
        raise UsageError(
            f"the sequences have targets of {outputs} outputs: the network has {len(network.outputs)}"
        )
    neurons = yield from single_shot(network, parameters, sequences.inputs, key)
    right = neurons[:, :, list(network.outputs)] == sequences.targets[..., None]
    return float(right.all(axis=(2, 3))[:, sequences.counted].mean())


def single_shot(
    network: Network,
    parameters: Parameters,
    inputs: NDArray[np.uint8],
    key: tuple[str | int, ...],
    execution: NetworkExecution = "layered",
) -> Plan[NDArray[np.uint8]]:
    """Spikes of all neurons, one shot each, shape (examples, T, neurons, channels)."""
    everything = range(len(network.neurons))
    spikes = yield from forward(
        network, parameters, inputs[:, None], everything, (*key, "evaluate"), execution
    )
    return spikes[:, 0, :, network.inputs :]
