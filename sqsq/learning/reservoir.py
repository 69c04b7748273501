"""Reservoir mode: a network whose weights and angles stay as drawn, and a linear read-out of its spikes.

The paper remarks after eq. (9) that a network whose circuits are fixed is a form of quantum reservoir
computing with mid-circuit measurements. Nothing but the read-out learns: a multinomial logistic
regression from scikit-learn.
"""

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import choice, class_array, random_generator, real_array, real_number, shown, spike_array
from sqsq.errors import UsageError
from sqsq.inference import ForwardMode, forward
from sqsq.model import Network, Parameters, active_sources, angles_near_identity, weight_mask
from sqsq.tables import Plan

FloatArray = NDArray[np.float64]
Features = Literal["counts", "steps"]


def reservoir_spikes(
    network: Network,
    parameters: Parameters,
    inputs: NDArray[np.uint8],
    key: tuple[str | int, ...] = (),
    mode: ForwardMode = "layered",
) -> Plan[NDArray[np.uint8]]:
    """Run every neuron of a reservoir once for each example and pass.

    Args:
        network: The reservoir; it must not be recurrent where it runs layer by layer. All its neurons are
            read out.
        parameters: Its fixed weights and angles.
        inputs: Spikes of the input lines, shape (examples, M, T, inputs).
        key: What the tables are for.
        mode: See ``forward``.

    Yields:
        The tables of ``forward``.

    Returns:
        Spikes, uint8, shape (examples, M, T, neurons, channels).
    """
    everything = range(len(network.neurons))
    spikes = yield from forward(network, parameters, inputs, everything, (*key, "reservoir"), mode)
    return spikes[..., network.inputs :, :]


def read_out_features(spikes: NDArray[np.uint8], kind: Features) -> FloatArray:
    """What the read-out sees of one spike train of each neuron.

    Args:
        spikes: Shape (..., T, neurons, channels).
        kind: ``counts``: the share of steps at which each neuron spiked; ``steps``: every spike.

    Returns:
        Shape (..., features).

    Raises:
        UsageError: If the kind is unknown, they are no spikes, or have another shape.
    """
    choice(kind, "features", get_args(Features))
    spikes = spike_array(spikes, "spikes", (..., "T", "neurons", "channels"))
    seen = spikes.mean(axis=-3) if kind == "counts" else spikes.astype(np.float64)
    return seen.reshape(*spikes.shape[:-3], int(np.prod(seen.shape[len(spikes.shape) - 3 :])))


@dataclass(frozen=True, eq=False)
class ReadOut:
    """A trained linear read-out.

    Attributes:
        weights: Shape (classes, features).
        bias: Shape (classes,).
        features: What it sees.

    Raises:
        UsageError: If a number is not finite, a shape does not fit, or ``features`` is unknown.
    """

    weights: FloatArray
    bias: FloatArray
    features: Features

    def __post_init__(self) -> None:
        choice(self.features, "features", get_args(Features))
        weights = real_array(self.weights, "weights", ("classes", "features"))
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "bias", real_array(self.bias, "the bias", weights.shape[:1]))

    def classify(self, spikes: NDArray[np.uint8]) -> NDArray[np.intp]:
        """The class with the largest score, shape (...), from spikes (..., T, neurons, channels).

        Raises:
            UsageError: If they are no spikes, or not those of as many neurons and channels (and steps) as it
                was trained on.
        """
        classes: NDArray[np.intp] = self.scores(spikes).argmax(axis=-1)
        return classes

    def scores(self, spikes: NDArray[np.uint8]) -> FloatArray:
        """The score of each class, shape (..., classes); otherwise as ``classify``."""
        seen = read_out_features(spikes, self.features)
        if seen.shape[-1] != (known := self.weights.shape[1]):
            raise UsageError(
                f"the spikes make {seen.shape[-1]} features: the read-out was trained on {known}"
            )
        scores: FloatArray = seen @ self.weights.T + self.bias
        return scores


def train_read_out(
    spikes: NDArray[np.uint8], classes: NDArray[np.intp], features: Features, inverse_penalty: float = 1.0
) -> ReadOut:
    """Fit the read-out by multinomial logistic regression; every pass is an example of its own.

    Args:
        spikes: Of the reservoir, shape (examples, M, T, neurons, channels).
        classes: Shape (examples,), 0 to C - 1, each present.
        features: ``counts`` or ``steps``.
        inverse_penalty: C of scikit-learn's ``LogisticRegression``: larger fits closer.

    Raises:
        UsageError: If the penalty is not a positive number, they are no spikes, a shape does not fit, there
            are fewer than two classes, or one of them has no example.
    """
    if not (inverse_penalty := real_number(inverse_penalty, "inverse penalty")) > 0:
        raise UsageError(f"inverse penalty {inverse_penalty}: must be a positive number")
    spikes = spike_array(spikes, "spikes", ("examples", "M", "T", "neurons", "channels"))
    classes = class_array(classes, "classes", len(spikes))
    if (present := np.unique(classes)).tolist() != list(range(max(len(present), 2))):
        raise UsageError(
            f"classes are {shown(present.tolist())}: must be 0 to C-1, two at least, each present"
        )
    from sklearn.linear_model import LogisticRegression

    seen = read_out_features(spikes, features)
    model: Any = LogisticRegression(C=inverse_penalty, max_iter=1000)
    model.fit(seen.reshape(-1, seen.shape[-1]), np.repeat(classes, seen.shape[1]))
    weights, bias = model.coef_, model.intercept_
    if len(weights) == 1:  # two classes: scikit-learn keeps the score of the second alone
        weights, bias = np.concatenate([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return ReadOut(weights, bias, features)


def reservoir_parameters(network: Network, active_inputs: float, rng: np.random.Generator) -> Parameters:
    """Draw the fixed parameters of a reservoir.

    Weights are normal, such that the current into every io qubit has a standard deviation of about 1:
    half of the currents are negative and turn nothing. Angles are near the identity, each uniform within
    its spread: with large ones neurons spike at random, and the read-out drowns in that noise.

    Args:
        network: The reservoir.
        active_inputs: The mean number of input lines that carry a spike at one step, above 0.
        rng: The source of randomness.

    Raises:
        UsageError: If ``active_inputs`` is not above 0.
    """
    random_generator(rng)
    scale = 1 / np.sqrt(active_sources(network, active_inputs))
    mask = weight_mask(network)
    weights = scale[:, None, None] * rng.standard_normal(mask.shape) * mask
    return Parameters(weights, angles_near_identity(network, rng))
