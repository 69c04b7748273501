"""What a run on handwritten digits learns from and is tested on."""

from dataclasses import dataclass, replace

import numpy as np

from sqsq.data import Dataset, Split, choose_digits, load_dataset, spike_probabilities, validation_split
from sqsq.engines import Engine
from sqsq.experiments.reservoir_settings import ReservoirSettings
from sqsq.experiments.settings import TrainUspsSettings
from sqsq.jobs import Usage, drive
from sqsq.learning import (
    Evaluation,
    RateCodedImages,
    TrainingProblem,
    TrainingState,
    evaluate,
    start_training,
)
from sqsq.model import Network, Parameters, fully_connected, initial_parameters

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
    network = fully_connected(data.pixels, (*settings.hidden, len(settings.digits)), settings.neuron)
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
    network: Network, parameters: Parameters, test: Split, steps: int, seed: int, repeat: int, engine: Engine
) -> tuple[Evaluation, Usage]:
    """Classify images once each; another ``repeat`` draws other encodings and shots."""
    rng = np.random.default_rng([seed, _EVALUATION, repeat])
    images = spike_probabilities(test)
    return drive(evaluate(network, parameters, images, test.labels, steps, rng, ("repeat", repeat)), engine)


def evaluates_after(settings: TrainUspsSettings, iteration: int) -> bool:
    """Whether the images are classified after an iteration."""
    every = settings.eval_every
    if every is None:
        every = settings.iterations if settings.choice(settings.evaluating).hardware else 10
    return iteration % every == 0 or iteration == settings.iterations
