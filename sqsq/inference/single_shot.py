"""Single-shot inference, as on hardware: one spike train for each neuron and example."""

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import class_array, spike_array
from sqsq.data import PROBABILITIES, Encoder, Inputs, Sequences, decode_rates
from sqsq.errors import UsageError
from sqsq.inference.forward_passes import ForwardMode, forward
from sqsq.inference.predictions import Evaluation, Predictions, judge, shares_of_counts
from sqsq.model import Network, Parameters
from sqsq.tables import Plan

_BLOCK_BYTES = 2**26
"""About what the currents, angles and spikes of a block of examples take."""
_NUMBERS = 8
"""Numbers of eight bytes that a neuron has at each step of a forward pass, by and large."""


def examples_at_once(network: Network, steps: int, passes: int = 1) -> int:
    """How many examples run together, so that memory stays within bounds however many there are."""
    each = passes * steps * (8 * _NUMBERS * len(network.neurons) + network.inputs) * network.channels
    return max(_BLOCK_BYTES // each, 1)


def evaluate(
    network: Network,
    parameters: Parameters,
    images: Inputs,
    classes: NDArray[np.intp],
    steps: int,
    rng: np.random.Generator,
    key: tuple[str | int, ...] = (),
    mode: ForwardMode = "layered",
    encoder: Encoder = PROBABILITIES,
) -> Plan[Evaluation]:
    """Classify images, each encoded and run once.

    Args:
        network: The network.
        parameters: Its weights and angles.
        images: What the encoder takes, such as values in [0, 1], shape (images, inputs).
        classes: The right classes, shape (images,).
        steps: T.
        rng: Encodes the images and breaks ties.
        key: What the tables are for.
        mode: See ``forward``.
        encoder: How images become spikes; by default values are the probabilities of spikes.

    Yields:
        The tables of ``forward``.

    Returns:
        Accuracy and spike counts.

    Raises:
        UsageError: If there is no image, a probability is not within [0, 1], a class not one of the output
            neurons, or a shape does not fit.
    """
    images = encoder.check(images, "images", network.inputs)
    classes = class_array(classes, "classes", len(images), len(network.outputs))
    inputs = encoder.encode(images, 1, steps, rng)[:, 0]
    return (yield from classify(network, parameters, inputs, classes, rng, key, mode))


def classify(
    network: Network,
    parameters: Parameters,
    inputs: NDArray[np.uint8],
    classes: NDArray[np.intp],
    rng: np.random.Generator,
    key: tuple[str | int, ...] = (),
    mode: ForwardMode = "layered",
) -> Plan[Evaluation]:
    """Classify spikes, each example run once; otherwise as ``evaluate``.

    Args:
        network: The network; it must not be recurrent where it runs layer by layer.
        parameters: Its weights and angles.
        inputs: Spikes of the input lines, shape (examples, T, inputs).
        classes: The right classes, shape (examples,).
        rng: Breaks ties.
        key: What the tables are for.
        mode: See ``forward``.

    Raises:
        UsageError: If there is no example, a spike is neither 0 nor 1, a class not one of the output neurons,
            or a shape does not fit.
    """
    inputs = spike_array(inputs, "inputs", ("examples", "T", network.inputs))
    classes = class_array(classes, "classes", len(inputs), len(network.outputs))
    found = yield from predict(network, parameters, inputs, rng, key, mode)
    return judge(found, classes, len(network.outputs))


def predict(
    network: Network,
    parameters: Parameters,
    inputs: NDArray[np.uint8],
    rng: np.random.Generator,
    key: tuple[str | int, ...] = (),
    mode: ForwardMode = "layered",
) -> Plan[Predictions]:
    """Say what spikes are taken for, each example run once: the class of the neuron that spikes most.

    Args:
        network: The network; it must not be recurrent where it runs layer by layer.
        parameters: Its weights and angles.
        inputs: Spikes of the input lines, shape (examples, T, inputs).
        rng: Breaks ties.
        key: What the tables are for.
        mode: See ``forward``.

    Yields:
        The tables of ``forward``.

    Raises:
        UsageError: If there is no example, a spike is neither 0 nor 1, or a shape does not fit.
    """
    inputs = spike_array(inputs, "inputs", ("examples", "T", network.inputs))
    neurons = yield from single_shot(network, parameters, inputs, key, mode)
    counts = neurons[:, :, list(network.outputs)].sum(axis=(1, 3), dtype=np.int64)
    decoded = decode_rates(counts, rng)
    own = np.arange(network.channels) < np.array([[neuron.io_qubits] for neuron in network.neurons])
    return Predictions(
        decoded.classes,
        shares_of_counts(counts),
        decoded.ties,
        counts,
        neurons,
        (neurons * own).sum(axis=-1, dtype=np.int64).mean(axis=(0, 1)),
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
    mode: ForwardMode = "layered",
) -> Plan[NDArray[np.uint8]]:
    """Spikes of all neurons, one shot each, shape (examples, T, neurons, channels)."""
    everything = range(len(network.neurons))
    spikes = yield from forward(network, parameters, inputs[:, None], everything, (*key, "evaluate"), mode)
    return spikes[:, 0, :, network.inputs :]
