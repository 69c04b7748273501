import json

import numpy as np
import pytest

from sqsq.errors import BackendError, DataError, UsageError
from sqsq.model import load_model
from sqsq.runs import ReservoirSettings, load_read_out, open_run, train_reservoir
from sqsq.runs.run_directory import RunDirectory

SMALL = {"data": "digits", "steps": 4, "hidden": (12,), "m": 2, "test_size": 40}


def test_a_read_out_learns_the_bundled_digits():
    run = train_reservoir(data="digits", hidden=(60,), m=2)
    assert run.accuracy > 0.85
    assert run.accuracy_training >= run.accuracy - 0.05


def test_run_directory_holds_everything(tmp_path):
    run = train_reservoir(run_dir=tmp_path / "run", **SMALL)
    directory = RunDirectory(tmp_path / "run")
    names = {path.name for path in directory.path.iterdir()} - {".lock"}
    assert names == {"config.json", "model.npz", "readout.npz", "metrics.jsonl"}
    assert directory.config()["settings"]["hidden"] == [12]
    network, parameters = load_model(directory.model)
    assert np.array_equal(parameters.weights, run.parameters.weights)
    assert network.neurons == run.network.neurons
    read_out = load_read_out(directory.path)
    assert np.array_equal(read_out.weights, run.read_out.weights)
    assert np.array_equal(read_out.bias, run.read_out.bias)
    assert read_out.features == run.read_out.features
    (line,) = directory.metrics()
    assert line == json.loads(json.dumps(run.summary()))
    images = 240  # of ones and sevens to train on
    assert line["executions"] == 12 * (2 * images + 40)
    with pytest.raises(UsageError, match="holds a run already"):
        train_reservoir(run_dir=tmp_path / "run", **SMALL)
    with pytest.raises(DataError, match="is a run of train-reservoir, not of train-usps"):
        open_run(tmp_path / "run")


def test_the_same_seed_gives_the_same_run():
    first, second, other = (train_reservoir(seed=seed, features="steps", **SMALL) for seed in (1, 1, 2))
    assert np.array_equal(first.read_out.weights, second.read_out.weights)
    assert first.accuracy == second.accuracy
    assert not np.array_equal(first.read_out.weights, other.read_out.weights)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": 0}, "steps is 0: at least 1"),
        ({"m": 0}, "m is 0: at least 1"),
        ({"test_size": 0}, "test-size is 0: at least 1"),
        ({"seed": -1}, "seed is -1"),
        ({"hidden": ()}, "hidden layers none: one or more"),
        ({"hidden": (3, 0)}, "hidden layers 3,0"),
        ({"features": "all"}, "unknown features 'all'"),
        ({"inverse_penalty": float("nan")}, "inverse-penalty is nan: must be a positive number"),
        ({"evaluate_on": "training"}, "unknown evaluate-on 'training'"),
        ({"ansatz": "bogus"}, "unknown ansatz 'bogus'"),
    ],
)
def test_bad_settings(changes, message):
    with pytest.raises(UsageError, match=message):
        ReservoirSettings(**changes)


def test_hardware_is_refused_and_nothing_written(tmp_path):
    with pytest.raises(BackendError, match="ibm_brisbane is hardware"):
        train_reservoir(backend="ibm_brisbane", run_dir=tmp_path / "run", **SMALL)
    assert not list(tmp_path.iterdir())
