"""Train the read-out of a reservoir on handwritten digits, end to end."""

import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sqsq.checks import plain_value, settings_with
from sqsq.data import Split, rate_encode, spike_probabilities
from sqsq.engines import Engine, open_engine
from sqsq.errors import DataError, UsageError
from sqsq.experiments.reservoir_settings import IMAGES_AT_ONCE, ReservoirSettings
from sqsq.experiments.run_directory import READ_OUT, RunDirectory
from sqsq.experiments.run_files import begin_run
from sqsq.experiments.run_lock import Start, check_is_free
from sqsq.experiments.usps_problem import load_digits_of
from sqsq.files import read_archive, write_archive
from sqsq.jobs import drive
from sqsq.learning import ReadOut, reservoir_parameters, reservoir_spikes, train_read_out, wilson_interval
from sqsq.model import Network, Parameters, fully_connected, save_model
from sqsq.tables import Template, Usage

EXPERIMENT = "train-reservoir"
_FORMAT, _VERSION = "sqsq-readout", 1
_RESERVOIR, _TRAINING, _TEST = 1, 2, 3
"""Streams of random numbers."""


@dataclass(frozen=True, eq=False)
class ReservoirRun:
    """A finished reservoir run.

    Attributes:
        settings: What it was asked to do.
        network: The reservoir.
        parameters: Its fixed weights and angles.
        read_out: The trained read-out.
        accuracy: Single-shot accuracy: every test image encoded once, every neuron run once.
        accuracy_training: The same on the training images that the read-out was fitted to.
        images: How many images ``accuracy`` is of.
        images_training: How many ``accuracy_training`` is of, M encodings each.
        usage: What running the reservoir used, training and test images together.
        seconds: Wall-clock time.
        run_dir: Where its files are, or None.
    """

    settings: ReservoirSettings
    network: Network
    parameters: Parameters
    read_out: ReadOut
    accuracy: float
    accuracy_training: float
    images: int
    images_training: int
    usage: Usage
    seconds: float
    run_dir: Path | None

    def summary(self) -> dict[str, Any]:
        """The figures of the run, as JSON types."""
        return {
            "accuracy": self.accuracy,
            "accuracy_interval": wilson_interval(self.accuracy, self.images),
            "images": self.images,
            "accuracy_training": self.accuracy_training,
            "accuracy_training_interval": wilson_interval(self.accuracy_training, self.images_training),
            "images_training": self.images_training,
            "evaluated_on": self.settings.evaluate_on,
            "features": self.read_out.weights.shape[1],
            "evaluations": self.usage.evaluations,
            "executions": self.usage.executions,
            "seconds": self.seconds,
            "run_dir": None if self.run_dir is None else str(self.run_dir),
            "backend": self.settings.backend,
            "seed": self.settings.seed,
        }


def train_reservoir(
    settings: ReservoirSettings | None = None,
    *,
    run_dir: Path | str | None = None,
    progress: bool = False,
    **changes: Any,
) -> ReservoirRun:
    """Fit and test the read-out of a fixed network; the notebook's ``sqsq train-reservoir``.

    Args:
        settings: The settings; the defaults if None.
        run_dir: Where to write ``config.json``, ``model.npz``, ``readout.npz`` and ``metrics.jsonl``;
            nothing is written if None.
        progress: Whether to show progress while downloading data.
        **changes: Settings to change, by name.

    Raises:
        UsageError: If a setting is not allowed or the run directory cannot be used.
        BackendError: If the backend does not exist, is hardware, or cannot run the circuits.
        DataError: If the data set is missing or corrupt.
    """
    settings = settings_with(ReservoirSettings, settings, changes)
    path = plain_value(run_dir, Path | None, "run-dir")
    if path is not None:
        check_is_free(path)
    begin = time.perf_counter()
    engine = open_engine(settings.backend, settings.seed, idle_noise=settings.idle_noise)
    data = load_digits_of(settings, progress)
    network = fully_connected(data.pixels, settings.hidden, settings.neuron)
    engine.prepare(Template(settings.neuron, settings.steps))
    active = float(spike_probabilities(data.train).sum(axis=1).mean())
    parameters = reservoir_parameters(network, active, np.random.default_rng([settings.seed, _RESERVOIR]))
    with ExitStack() as stack:
        start = None
        if path is not None:
            start = stack.enter_context(begin_run(path, EXPERIMENT, settings.to_json(), {}, resumable=False))
        train, used = _spikes(settings, network, parameters, data.train, settings.m, _TRAINING, engine)
        test, used_testing = _spikes(settings, network, parameters, data.test, 1, _TEST, engine)
        read_out = train_read_out(train, data.train.labels, settings.features, settings.inverse_penalty)
        run = ReservoirRun(
            settings,
            network,
            parameters,
            read_out,
            float((read_out.classify(test)[:, 0] == data.test.labels).mean()),
            float((read_out.classify(train) == data.train.labels[:, None]).mean()),
            len(data.test),
            len(data.train),
            used + used_testing,
            time.perf_counter() - begin,
            None if start is None else start.directory.path,
        )
        if start is not None:
            _write(start, run)
    return run


def _spikes(
    settings: ReservoirSettings,
    network: Network,
    parameters: Parameters,
    images: Split,
    passes: int,
    stream: int,
    engine: Engine,
) -> tuple[np.ndarray[Any, np.dtype[np.uint8]], Usage]:
    """Encode images and run the reservoir on them, (images, passes, T, neurons, channels)."""
    rng = np.random.default_rng([settings.seed, stream])
    parts = []
    usage = Usage()
    for first in range(0, len(images), IMAGES_AT_ONCE):
        some = images.select(slice(first, first + IMAGES_AT_ONCE))
        inputs = rate_encode(spike_probabilities(some), passes, settings.steps, rng)
        spikes, used = drive(reservoir_spikes(network, parameters, inputs, (stream, first)), engine)
        parts.append(spikes)
        usage += used
    return np.concatenate(parts), usage


def load_read_out(run_dir: Path | str) -> ReadOut:
    """The trained read-out of a run of ``train-reservoir``.

    Raises:
        DataError: If the directory holds none, or it is damaged or another run's.
    """
    directory = RunDirectory(Path(run_dir))
    path = directory.path / READ_OUT
    try:
        archive = read_archive(
            path, kind=_FORMAT, version=_VERSION, names=("weights", "bias"), run=directory.run
        )
    except FileNotFoundError:
        raise DataError(f"no read-out file {path}") from None
    return ReadOut(archive.arrays["weights"], archive.arrays["bias"], archive.header["features"])


def _write(start: Start, run: ReservoirRun) -> None:
    """Write the results; what cannot be written leaves nothing, for such a run cannot be resumed."""
    directory = start.directory
    try:
        save_model(directory.model, run.network, run.parameters, run=directory.run)
        write_archive(
            directory.path / READ_OUT,
            kind=_FORMAT,
            version=_VERSION,
            header={"features": run.read_out.features},
            arrays={"weights": run.read_out.weights, "bias": run.read_out.bias},
            run=directory.run,
        )
        directory.append_metrics(run.summary(), directory.run)
    except OSError as error:
        raise UsageError(
            f"{error.filename or directory.path} could not be written: {error.strerror or error}"
        ) from error
