"""What a run on handwritten digits learns from and is tested on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sqsq.data import (
    Dataset,
    Split,
    choose_classes,
    choose_digits,
    load_dataset,
    read_arrays,
    validation_split,
)
from sqsq.engines import Engine
from sqsq.errors import DataError, UsageError
from sqsq.estimation import Calibration, Mitigation
from sqsq.experiments.reservoir_settings import ReservoirSettings
from sqsq.experiments.settings import ARRAYS, TrainUspsSettings
from sqsq.jobs import drive
from sqsq.learning import (
    EncodedExamples,
    Evaluation,
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
        data: The data set as it was before anything was left out of it.
        classes: The names of the classes.
    """

    training: TrainingProblem
    state: TrainingState
    test: Split
    data: Dataset
    classes: tuple[str, ...]


def usps_problem(
    settings: TrainUspsSettings, downloads: bool = False, dataset: Dataset | None = None
) -> UspsProblem:
    """Load the data of a run and draw its first parameters.

    Args:
        settings: The run.
        downloads: Whether to show progress while downloading.
        dataset: The data set, where a program handed it over.

    Raises:
        UsageError: If the batch is larger than the data, or arrays were not handed over.
        DataError: If the data set is missing or corrupt, or not that which the run began with.
    """
    whole = load_data_of(settings, downloads, dataset)
    data = parts_of(settings, whole)
    settings.check_size(len(data.classes))
    widths = (*settings.hidden, len(data.classes))
    network = fully_connected(data.pixels, widths, settings.neuron, recurrent=settings.recurrent)
    problem = TrainingProblem(
        network,
        EncodedExamples(data.train.images, data.train.labels, settings.steps, settings.encoding),
        settings.batch_size,
        settings.rule,
        settings.optimiser,
        settings.seed,
    )
    rng = np.random.default_rng([settings.seed, _INITIAL])
    active = settings.encoding.spikes_per_step(data.train.images, settings.steps)
    parameters = initial_parameters(network, active, rng)
    return UspsProblem(problem, start_training(parameters), data.test, whole, data.classes)


def load_digits_of(
    settings: TrainUspsSettings | ReservoirSettings, downloads: bool = False, dataset: Dataset | None = None
) -> Dataset:
    """Load the examples of a run; its ``test`` part is what the run evaluates on."""
    if isinstance(settings, TrainUspsSettings):
        return parts_of(settings, load_data_of(settings, downloads, dataset))
    data = choose_digits(load_dataset(settings.data, settings.data_dir, downloads), settings.digits)
    return _evaluated_on(settings, data)


def load_data_of(settings: TrainUspsSettings, downloads: bool, dataset: Dataset | None) -> Dataset:
    """The data set of a run, whole.

    Raises:
        UsageError: If it is one of arrays, and none was handed over.
        DataError: If it is missing or corrupt, or not that which the run began with.
    """
    if settings.data == ARRAYS:
        if dataset is None:
            raise UsageError(
                "this run learns from arrays that a program hands over: sqsq.train(x, y, run_dir=..., "
                "resume=True), sqsq.evaluate_run(run_dir, dataset=...)"
            )
        data = dataset
    elif settings.own_file:
        data = read_arrays(settings.data, settings.encoding)
    else:
        data = load_dataset(settings.data, settings.data_dir, downloads)
    if settings.data_digest is not None and data.digest != settings.data_digest:
        raise DataError(
            f"data set {data.name} holds other examples than those this run began with: give it the same"
        )
    return data


def parts_of(settings: TrainUspsSettings, data: Dataset) -> Dataset:
    """The classes and examples that a run trains and evaluates on."""
    if settings.classes is None and not settings.own_data:
        data = choose_digits(data, settings.digits)
    else:
        data = choose_classes(data, settings.chosen)
    return _evaluated_on(settings, data)


def _evaluated_on(settings: TrainUspsSettings | ReservoirSettings, data: Dataset) -> Dataset:
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
    step = evaluate(
        network,
        parameters,
        test.images,
        test.labels,
        settings.steps,
        rng,
        ("repeat", repeat),
        execution=settings.forward,
        encoder=settings.encoding,
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
        test.images,
        test.labels,
        settings.steps,
        rng,
        settings.m_p,
        mitigation=mitigation,
        calibrations=calibrations,
        key=("repeat", repeat),
        execution=settings.forward,
        encoder=settings.encoding,
    )


def evaluates_after(settings: TrainUspsSettings, iteration: int) -> bool:
    """Whether the images are classified after an iteration."""
    every = settings.eval_every
    if every is None:
        every = settings.iterations if settings.choice(settings.evaluating).hardware else 10
    return iteration % every == 0 or iteration == settings.iterations
