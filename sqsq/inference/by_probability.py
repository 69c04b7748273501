"""Inference by estimated probabilities, which mitigation can act on; single-shot inference it cannot."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import class_array
from sqsq.data import PROBABILITIES, Encoder, Inputs, decode_rates
from sqsq.errors import UsageError
from sqsq.estimation import Calibration, Mitigation, measure
from sqsq.inference.forward_passes import ForwardMode, alike, forward, neuron_table
from sqsq.inference.predictions import Evaluation, Predictions, judge, shares_of_counts
from sqsq.model import Network, Parameters
from sqsq.tables import Plan


def predict_by_probability(
    network: Network,
    parameters: Parameters,
    inputs: NDArray[np.uint8],
    rng: np.random.Generator,
    shots: int,
    *,
    mitigation: Mitigation | None = None,
    calibrations: Sequence[Calibration] = (),
    key: tuple[str | int, ...] = (),
    mode: ForwardMode = "layered",
) -> Plan[Predictions]:
    """Say what spikes are taken for, by spike probabilities that are each estimated from many shots.

    Hidden neurons still run once. The class is that of the largest sum over t of estimated p(s_t = 1) of the
    output neurons; estimates are summed as they are, not clipped, so that mitigation stays unbiased.

    Args:
        network: The network; its output neurons have one io qubit.
        parameters: Its weights and angles.
        inputs: Spikes of the input lines, shape (examples, T, inputs).
        rng: Breaks ties.
        shots: Shots of each output neuron.
        mitigation: What to do about noise; nothing if None.
        calibrations: For readout correction.
        key: What the tables are for.
        mode: See ``forward``; of the hidden neurons.

    Yields:
        The tables of ``forward``, then one for each kind of output neuron and noise scale.

    Returns:
        Classes; counts and spikes of output neurons are sums of probabilities.

    Raises:
        UsageError: If an output neuron has several io qubits, or a shape does not fit.
    """
    if any(network.neurons[i].io_qubits > 1 for i in network.outputs):
        raise UsageError("classes by probability need output neurons with one io qubit (--io-qubits 1)")
    steps = inputs.shape[1]
    key = (*key, "evaluate", shots)
    spikes = yield from forward(network, parameters, inputs[:, None], network.hidden, key, mode)
    rates = np.zeros((len(inputs), len(network.outputs)))
    for _, members in alike(network, network.outputs):
        table = neuron_table(network, parameters, members, spikes, shots, key)
        held = np.ones((*table.leading, *table.template.phi_shape), np.uint8)
        hits = yield from measure(table, held, "marginal", mitigation, calibrations)
        columns = [network.outputs.index(i) for i in members]
        rates[:, columns] = (hits.hits / hits.shots).sum(axis=-1)[:, 0]
    decoded = decode_rates(rates, rng)
    per_neuron = np.zeros(len(network.neurons))
    per_neuron[list(network.outputs)] = rates.mean(axis=0) / steps
    for i in network.hidden:
        own = spikes[:, 0, :, network.inputs + i, : network.neurons[i].io_qubits]
        per_neuron[i] = own.sum(axis=-1, dtype=np.int64).mean()
    return Predictions(
        decoded.classes, shares_of_counts(rates), decoded.ties, rates, spikes_per_neuron=per_neuron
    )


def evaluate_by_probability(
    network: Network,
    parameters: Parameters,
    images: Inputs,
    classes: NDArray[np.intp],
    steps: int,
    rng: np.random.Generator,
    shots: int,
    *,
    mitigation: Mitigation | None = None,
    calibrations: Sequence[Calibration] = (),
    key: tuple[str | int, ...] = (),
    mode: ForwardMode = "layered",
    encoder: Encoder = PROBABILITIES,
) -> Plan[Evaluation]:
    """Classify images by estimated probabilities; see ``predict_by_probability``.

    Args:
        network: The network; its output neurons have one io qubit.
        parameters: Its weights and angles.
        images: What the encoder takes, such as values in [0, 1], shape (images, inputs).
        classes: The right classes, shape (images,).
        steps: T.
        rng: Encodes the images and breaks ties.
        shots: Shots of each output neuron.
        mitigation: What to do about noise; nothing if None.
        calibrations: For readout correction.
        key: What the tables are for.
        mode: See ``forward``; of the hidden neurons.
        encoder: How images become spikes; by default values are the probabilities of spikes.

    Returns:
        Accuracy and spike counts; those of output neurons are sums of probabilities.

    Raises:
        UsageError: If an output neuron has several io qubits, there is no image, a probability is not within
            [0, 1], a class not one of the output neurons, or a shape does not fit.
    """
    images = encoder.check(images, "images", network.inputs)
    classes = class_array(classes, "classes", len(images), len(network.outputs))
    found = yield from predict_by_probability(
        network,
        parameters,
        encoder.encode(images, 1, steps, rng)[:, 0],
        rng,
        shots,
        mitigation=mitigation,
        calibrations=calibrations,
        key=key,
        mode=mode,
    )
    return judge(found, classes, len(network.outputs))
