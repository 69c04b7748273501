"""What a run on handwritten digits learns from and is tested on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sqsq.data import Dataset, Split, choose_digits, load_dataset, spike_probabilities, validation_split
from sqsq.engines import Engine
from sqsq.estimation import Calibration, Mitigation
from sqsq.experiments.reservoir_settings import ReservoirSettings
from sqsq.experiments.settings import TrainUspsSettings
from sqsq.jobs import drive
from sqsq.learning import (
    Evaluation,
    RateCodedImages,
    TrainingProblem,
    TrainingState,
    evaluate,
    evaluate_by_probability,
    start_training,
)
from sqsq.model import Network, Parameters, fully_connected, initial_parameters
from sqsq.tables import Plan, Usage

_INITIAL, _EVALUATION = 3, 4
"""Streams of random numbers, beside those of ``sqsq.learning.training``."""


@dataclass(frozen=True, eq=False)
class UspsProblem:
    """What a run of these settings learns from and is tested on.

    Attributes:
        training: The problem.
        state: Where training starts.
        test: The images to evaluate on.
    """

    training: TrainingProblem
    state: TrainingState
    test: Split


def usps_problem(settings: TrainUspsSettings, downloads: bool = False) -> UspsProblem:
    """Load the data of a run and draw its first parameters.

    Raises:
        UsageError: If the batch is larger than the data.
        DataError: If the data set is missing or corrupt.
    """
    data = load_digits_of(settings, downloads)
    widths = (*settings.hidden, len(settings.digits))
    network = fully_connected(data.pixels, widths, settings.neuron, recurrent=settings.recurrent)
    images = spike_probabilities(data.train)
    problem = TrainingProblem(
        network,
        RateCodedImages(images, data.train.labels, settings.steps),
        settings.batch_size,
        settings.rule,
        settings.optimiser,
        settings.seed,
    )
    rng = np.random.default_rng([settings.seed, _INITIAL])
    parameters = initial_parameters(network, float(images.sum(axis=1).mean()), rng)
    return UspsProblem(problem, start_training(parameters), data.test)


def load_digits_of(settings: TrainUspsSettings | ReservoirSettings, downloads: bool = False) -> Dataset:
    """Load the digits of a run; its ``test`` part is what the run evaluates on."""
    data = choose_digits(load_dataset(settings.data, settings.data_dir, downloads), settings.digits)
    if settings.evaluate_on == "validation":
        data = validation_split(data)
    if settings.test_size is not None:
        data = replace(data, test=data.test.select(slice(settings.test_size)))
    return data


def evaluate_digits(
    settings: TrainUspsSettings,
    network: Network,
    parameters: Parameters,
    test: Split,
    repeat: int,
    engine: Engine,
) -> tuple[Evaluation, Usage]:
    """Classify images once each; another ``repeat`` draws other encodings and shots."""
    rng = np.random.default_rng([settings.seed, _EVALUATION, repeat])
    images = spike_probabilities(test)
    key = ("repeat", repeat)
    step = evaluate(
        network, parameters, images, test.labels, settings.steps, rng, key, execution=settings.forward
    )
    return drive(step, engine)


def digits_by_probability(
    settings: TrainUspsSettings,
    network: Network,
    parameters: Parameters,
    test: Split,
    repeat: int,
    mitigation: Mitigation | None = None,
    calibrations: Sequence[Calibration] = (),
) -> Plan[Evaluation]:
    """Classify images by estimated spike probabilities, M_p shots each; see ``evaluate_digits``."""
    rng = np.random.default_rng([settings.seed, _EVALUATION, repeat])
    return evaluate_by_probability(
        network,
        parameters,
        spike_probabilities(test),
        test.labels,
        settings.steps,
        rng,
        settings.m_p,
        mitigation=mitigation,
        calibrations=calibrations,
        key=("repeat", repeat),
        execution=settings.forward,
    )


def evaluates_after(settings: TrainUspsSettings, iteration: int) -> bool:
    """Whether the images are classified after an iteration."""
    every = settings.eval_every
    if every is None:
        every = settings.iterations if settings.choice(settings.evaluating).hardware else 10
    return iteration % every == 0 or iteration == settings.iterations
