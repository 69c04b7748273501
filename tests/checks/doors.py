"""The public doors that take arrays, each with good arguments: what a table of bad and odd ones starts from.

Numbers are multiples of 1/8, so that every float dtype holds them exactly.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from sqsq.circuits import neuron_circuit_for_currents
from sqsq.data import DelayedTask, Sequences, Split, rate_decode, rate_encode, target_spikes
from sqsq.data.encoding import decode_rates
from sqsq.engines import open_engine
from sqsq.engines.exact import inspect_neuron, log_likelihood
from sqsq.estimation import Calibration, Hits, Mitigation, count_hits, measure
from sqsq.estimation.readout import corrected_frequencies
from sqsq.inference import classify, evaluate, evaluate_by_probability
from sqsq.inference.forward_passes import forward
from sqsq.jobs import drive
from sqsq.learning import Batch, EncodedExamples, LocalRuleSettings, ideal_rule, local_rule
from sqsq.learning.reservoir import ReadOut, read_out_features, reservoir_spikes, train_read_out
from sqsq.mitigation import ExactProbabilities, predict
from sqsq.model import Network, Neuron, Parameters, angles_of_currents, input_currents, shift_rule
from sqsq.tables import (
    EvaluationTable,
    NetworkTable,
    NoiseScale,
    RowGroups,
    ScoreRequest,
    Template,
    network_table,
)

NEURON = Neuron()
TEMPLATE = Template(NEURON, 2)
NETWORK = Network(3, (NEURON,) * 2, np.array([[0, 0, 0, -1, -1], [0, 0, 0, -1, -1]], np.int8), (0, 1))
PARAMETERS = Parameters(
    np.array([[0.25, 0.5, 0.125, 0, 0], [0.5, 0.125, 0.25, 0, 0]])[..., None],
    np.array([[0.5, 0.25, -0.5], [-0.25, 0.75, 0.5]]),
)
BITS = np.random.default_rng(0).integers(2, size=(400,), dtype=np.uint8)
PHI = np.array([0.5, 1.25, 2.0, 0.0]).reshape(2, 2, 1)
THETA = np.array([0.5, 0.25, -0.5, 0.125, 1.0, -0.25] * 2).reshape(2, 2, 3)
IMAGES = np.array([[0.0, 0.5, 1.0], [0.25, 0.125, 0.75], [0.5, 0.5, 0.0], [0.125, 1.0, 0.5]])


@dataclass(frozen=True, eq=False)
class Argument:
    """A good array, what it is called in errors, and of which kind it is."""

    good: np.ndarray[Any, Any]
    called: str
    kind: str  # real, angle, probability, spikes, classes, whole, delays or mask


@dataclass(frozen=True, eq=False)
class Door:
    """A function of arrays, and good ones."""

    name: str
    call: Callable[..., Any]
    arguments: dict[str, Argument]


def spikes(*shape: int) -> np.ndarray[Any, Any]:
    return BITS[: int(np.prod(shape))].reshape(shape)


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def table() -> EvaluationTable:
    return EvaluationTable(TEMPLATE, PHI, THETA, 20)


def exact() -> Any:
    return open_engine("exact", 3)


def run(step: Any) -> Any:
    return drive(step, exact())[0]


def evaluation(step: Any) -> Any:
    found = run(step)
    return found.accuracy, found.ties, found.spikes_per_neuron


def gradient(step: Any) -> Any:
    found = run(step)
    return found.gradients.weights, found.gradients.theta, found.loss_bound


def batch_of(rule: str) -> Callable[..., Any]:
    def call(**arrays: Any) -> Any:
        batch = Batch(**arrays)
        settings = LocalRuleSettings(m=2, m_syn=1)
        if rule == "ideal":
            return gradient(ideal_rule(NETWORK, PARAMETERS, batch, settings))
        return gradient(local_rule(NETWORK, PARAMETERS, batch, settings, rng()))

    return call


def images_of(**arrays: Any) -> Any:
    examples = EncodedExamples(**arrays, steps=2)
    examples.check_fits(NETWORK)
    batch = examples.draw(np.arange(3), NETWORK, 2, rng())
    return batch.inputs, batch.targets


def calibration_of(matrices: Any, readings: Any) -> Any:
    taken_at = datetime(2026, 1, 1, tzinfo=UTC)
    made = Calibration(NEURON, matrices, readings, "b", (), taken_at, "calibration")
    return made.inverses, made.standard_errors


def prediction(held: Any) -> Any:
    found = predict(Mitigation(), probabilities(), held, 10)
    return found.bias, found.variance


def probabilities(ideal: Any = None, assignment: Any = None) -> ExactProbabilities:
    even = np.full((2, 2, 2), 0.5) if ideal is None else ideal
    return ExactProbabilities(
        even, {NoiseScale(): np.full((2, 2, 2), 0.5)}, np.eye(2)[None] if assignment is None else assignment
    )


def of_probabilities(**arrays: Any) -> Any:
    made = probabilities(**arrays)
    return made.ideal, made.assignment


def inspection(theta: Any) -> Any:
    found = inspect_neuron(NEURON, theta=theta, steps=2, draws=1)
    return found.input_memory, found.spike_memory


def scores(held: Any, factor: Any) -> Any:
    found = exact().score(ScoreRequest(table(), held, factor, True))
    return found.log_probability, found.by_phi, found.by_theta


def run_table(phi: Any, theta: Any) -> Any:
    made = EvaluationTable(TEMPLATE, phi, theta, 20)
    return exact().run(made), np.frombuffer(made.digest, np.uint8)


def run_network_table(inputs: Any) -> Any:
    made = network_table(NETWORK, PARAMETERS, (0, 1), inputs, 5)
    return exact().run(made), np.frombuffer(made.digest, np.uint8)


def digest_of_network_table(inputs: Any, within: Any) -> Any:
    made = NetworkTable(NETWORK, PARAMETERS, (0, 1), inputs, within, 5)
    return np.frombuffer(made.digest, np.uint8)


def fields(kind: Any, *names: str, **fixed: Any) -> Callable[..., Any]:
    def call(**arrays: Any) -> Any:
        made = kind(**arrays, **fixed)
        return tuple(getattr(made, name) for name in names)

    return call


def read_out(spikes: Any, classes: Any) -> Any:
    made = train_read_out(spikes, classes, "counts")
    return made.weights, made.bias


def door(name: str, call: Callable[..., Any], **arguments: tuple[Any, str, str]) -> Door:
    return Door(name, call, {key: Argument(np.array(a), b, c) for key, (a, b, c) in arguments.items()})


CLASSES = [0, 1, 1, 0]
COUNTED = [False, True]
DOORS = (
    door(
        "Split",
        fields(Split, "images", "labels"),
        images=(IMAGES, "images", "probability"),
        labels=([7, 1, 1, 7], "labels", "whole"),
    ),
    door(
        "rate_encode",
        lambda probabilities: rate_encode(probabilities, 2, 3, rng()),
        probabilities=(IMAGES, "probabilities", "probability"),
    ),
    door(
        "target_spikes",
        lambda classes: target_spikes(classes, 2, 2, 1),
        classes=(CLASSES, "classes", "classes"),
    ),
    door(
        "rate_decode",
        lambda spikes: rate_decode(spikes, rng()).classes,
        spikes=(spikes(4, 3, 2, 1), "spikes", "spikes"),
    ),
    door("decode_rates", lambda rates: decode_rates(rates, rng()).classes, rates=(IMAGES, "rates", "real")),
    door(
        "Sequences",
        fields(Sequences, "inputs", "targets", "counted"),
        inputs=(spikes(3, 2, 2), "inputs", "spikes"),
        targets=(spikes(3, 2, 1), "targets", "spikes"),
        counted=(COUNTED, "counted", "mask"),
    ),
    door(
        "answers",
        lambda inputs: DelayedTask("recall", 1, 3).answers(inputs),
        inputs=(spikes(2, 3, 1), "inputs", "spikes"),
    ),
    door(
        "EvaluationTable",
        run_table,
        phi=(PHI, "phi of a table", "real"),
        theta=(THETA, "theta of a table", "real"),
    ),
    door(
        "NetworkTable",
        digest_of_network_table,
        inputs=(spikes(2, 2, 3), "inputs of a table", "spikes"),
        within=([[[0.0, 1.0]], [[0.0, 0.5]]], "within", "real"),
    ),
    door("network_table", run_network_table, inputs=(spikes(2, 2, 3), "inputs of a table", "spikes")),
    door(
        "ScoreRequest",
        scores,
        held=(spikes(2, 2, 1), "held", "spikes"),
        factor=([[1.0, 0.5], [-0.25, 0.0]], "factor", "real"),
    ),
    door(
        "RowGroups",
        fields(RowGroups, "of_row", count=2),
        of_row=([0, 1, 1], "groups of rows", "classes"),
    ),
    door(
        "log_likelihood",
        lambda spikes: log_likelihood(exact(), table(), spikes),
        spikes=(spikes(2, 2, 1), "spikes", "spikes"),
    ),
    door("inspect_neuron", inspection, theta=([0.5, 0.25, -0.5], "theta", "real")),
    door(
        "local_rule",
        batch_of("shots"),
        inputs=(spikes(2, 2, 2, 3), "inputs", "spikes"),
        targets=(spikes(2, 2, 2, 1), "targets", "spikes"),
        counted=(COUNTED, "counted", "mask"),
    ),
    door(
        "ideal_rule",
        batch_of("ideal"),
        inputs=(spikes(2, 2, 2, 3), "inputs", "spikes"),
        targets=(spikes(2, 2, 2, 1), "targets", "spikes"),
    ),
    door(
        "EncodedExamples",
        images_of,
        images=(IMAGES, "images", "probability"),
        classes=(CLASSES, "classes", "classes"),
    ),
    door(
        "evaluate",
        lambda images, classes: evaluation(evaluate(NETWORK, PARAMETERS, images, classes, 2, rng())),
        images=(IMAGES, "images", "probability"),
        classes=(CLASSES, "classes", "classes"),
    ),
    door(
        "evaluate_by_probability",
        lambda images, classes: evaluation(
            evaluate_by_probability(NETWORK, PARAMETERS, images, classes, 2, rng(), 4)
        ),
        images=(IMAGES, "images", "probability"),
        classes=(CLASSES, "classes", "classes"),
    ),
    door(
        "classify",
        lambda inputs, classes: evaluation(classify(NETWORK, PARAMETERS, inputs, classes, rng())),
        inputs=(spikes(4, 2, 3), "inputs", "spikes"),
        classes=(CLASSES, "classes", "classes"),
    ),
    door(
        "forward",
        lambda inputs: run(forward(NETWORK, PARAMETERS, inputs, (0, 1))),
        inputs=(spikes(2, 2, 2, 3), "inputs", "spikes"),
    ),
    door(
        "reservoir_spikes",
        lambda inputs: run(reservoir_spikes(NETWORK, PARAMETERS, inputs)),
        inputs=(spikes(2, 2, 2, 3), "inputs", "spikes"),
    ),
    door(
        "read_out_features",
        lambda spikes: read_out_features(spikes, "steps"),
        spikes=(spikes(2, 2, 2, 1), "spikes", "spikes"),
    ),
    door(
        "train_read_out",
        read_out,
        spikes=(spikes(4, 2, 2, 3, 1), "spikes", "spikes"),
        classes=(CLASSES, "classes", "present classes"),
    ),
    door(
        "ReadOut",
        lambda weights, bias, spikes: ReadOut(weights, bias, "counts").classify(spikes),
        weights=([[0.5, -0.25], [1.0, 0.0]], "weights", "real"),
        bias=([0.125, -0.5], "the bias", "real"),
        spikes=(spikes(3, 2, 2, 1), "spikes", "spikes"),
    ),
    door(
        "Parameters",
        fields(Parameters, "weights", "theta"),
        weights=(PARAMETERS.weights, "weights", "real"),
        theta=(PARAMETERS.theta, "theta", "real"),
    ),
    door(
        "Network",
        fields(Network, "delays", inputs=1, neurons=(NEURON,) * 2, outputs=(1,)),
        delays=([[0, -1, -1], [-1, 1, -1]], "delays", "delays"),
    ),
    door(
        "input_currents",
        lambda weights, spikes: input_currents(NETWORK, (0, 1), weights, spikes),
        weights=(PARAMETERS.weights, "weights", "real"),
        spikes=(spikes(2, 2, 5, 1), "spikes", "spikes"),
    ),
    door("angles_of_currents", angles_of_currents, currents=([[0.5, -0.25], [1.0, 0.0]], "currents", "any")),
    door(
        "shift_rule",
        lambda frequencies: np.array(shift_rule(frequencies)),
        frequencies=([1, 2], "frequencies", "real"),
    ),
    door(
        "Hits",
        fields(Hits, "hits", "trials", shots=4, estimator="marginal"),
        hits=([[1.0, 2.5]], "hits", "real"),
        trials=([[4.0, 3.0]], "trials", "real"),
    ),
    door(
        "count_hits",
        lambda spikes, held: count_hits(spikes, held, "prefix").hits,
        spikes=(spikes(2, 4, 2, 1), "spikes", "spikes"),
        held=(spikes(2, 2, 1), "held", "spikes"),
    ),
    door(
        "measure",
        lambda held: run(measure(table(), held, "marginal")).hits,
        held=(spikes(2, 2, 1), "held", "spikes"),
    ),
    door(
        "Calibration",
        calibration_of,
        matrices=([[[[0.875, 0.125], [0.25, 0.75]]]], "assignment matrices", "real"),
        readings=([[[100, 50]]], "readings", "whole"),
    ),
    door(
        "corrected_frequencies",
        lambda spikes, held, inverses: corrected_frequencies(spikes, held, inverses, "marginal"),
        spikes=(spikes(2, 4, 2, 1), "spikes", "spikes"),
        held=(spikes(2, 2, 1), "held", "spikes"),
        inverses=([[[[1.25, -0.25], [-0.5, 1.5]]]] * 2, "inverses", "real"),
    ),
    door(
        "ExactProbabilities",
        of_probabilities,
        ideal=(np.full((2, 2, 2), 0.5), "ideal", "real"),
        assignment=([[[0.875, 0.125], [0.25, 0.75]]], "assignment", "probability"),
    ),
    door("predict", prediction, held=(spikes(2, 2, 1), "held", "spikes")),
    door(
        "neuron_circuit_for_currents",
        lambda phi: neuron_circuit_for_currents(TEMPLATE, phi).circuit.count_ops().get("rx", 0),
        phi=([[0.5], [0.0]], "current angles", "real"),
    ),
)
"""Every door with good arguments."""

ARGUMENTS = tuple((door, key) for door in DOORS for key in door.arguments)
"""Every argument of every door."""
ids = [f"{door.name}-{key}" for door, key in ARGUMENTS]


def call(door: Door, **changes: Any) -> list[np.ndarray[Any, Any]]:
    """What a door makes of its good arguments, some changed."""
    result = door.call(**{key: argument.good.copy() for key, argument in door.arguments.items()} | changes)
    return [np.asarray(part) for part in (result if isinstance(result, tuple) else (result,))]
