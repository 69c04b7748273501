"""Networks to compile: of a trained run, or described in JSON."""

import os
from pathlib import Path

import numpy as np

from sqsq.errors import DataError, UsageError
from sqsq.model import DescribedNetwork, read_network
from sqsq.runs.examples import open_data
from sqsq.runs.run_directory import RunDirectory
from sqsq.runs.stored_settings import stored_run


def network_of(target: Path, image: int, seed: int) -> DescribedNetwork:
    """The network of a run with one encoded test image, or that of a description.

    Args:
        target: A run directory, or a JSON file.
        image: Which test image of a run.
        seed: The seed of its encoding.

    Raises:
        DataError: If the run or the file cannot be read.
        UsageError: If there is no such image, or the network breaks a rule.
    """
    if not os.path.exists(target):  # False also for names that no file can have
        raise DataError(f"{target} does not exist: a run directory or a JSON description is needed")
    if not target.is_dir():
        return read_network(target)
    directory = RunDirectory(target)
    stored = stored_run(directory)
    settings, model = stored.settings, directory.trained()
    if model.network is None or model.parameters is None:
        raise UsageError(f"model {settings.model} is no network of spiking neurons: nothing to compile")
    test = open_data(settings, known=stored.known).test
    if not 0 <= image < len(test.labels):
        raise UsageError(f"image is {image}: this run has test images 0 to {len(test.labels) - 1}")
    rng, steps = np.random.default_rng(seed), settings.values()["steps"]
    spikes = settings.data.encoding.encode(test.images[image : image + 1], 1, steps, rng)
    return DescribedNetwork(model.network, model.parameters, spikes[0, 0])
