"""Reservoirs: a fixed network with a linear read-out, trained, asked and gone on with as any other run."""

import json

import numpy as np
import pytest

import sqsq
from sqsq.errors import BackendError, UsageError
from sqsq.jobs import Patience
from sqsq.learning import ReadOut
from sqsq.runs import open_run, settings_with
from sqsq.runs.run_directory import RunDirectory

SMALL = {
    "model": "reservoir",
    "classes": ("1", "7"),
    "steps": 4,
    "hidden": (12,),
    "m": 2,
    "test_size": 40,
}
QUICK = Patience(first_wait=0.05, longest_wait=0.2, give_up=3, grace=1, first_poll=0.05, longest_poll=0.1)
IMAGES = 240
"""Ones and sevens to train on."""


def train(**changes):
    return sqsq.train("digits", **{**SMALL, **changes})


def same_read_outs(one, other):
    return (
        np.array_equal(one.weights, other.weights)
        and np.array_equal(one.bias, other.bias)
        and one.features == other.features
    )


def test_a_read_out_learns_the_bundled_digits():
    run = sqsq.train("digits", model="reservoir", classes=("1", "7"), hidden=(60,), m=2)
    assert run.settings.backend.name == "exact"
    assert run.accuracy > 0.85
    assert 1 - run.metrics[-1].measures["error_training"] >= run.accuracy - 0.05


@pytest.mark.parametrize("features", ["counts", "steps"])
def test_run_directory_holds_everything(tmp_path, features):
    run = train(run_dir=tmp_path / "run", features=features)
    directory = RunDirectory(tmp_path / "run")
    names = {path.name for path in directory.path.iterdir()} - {".lock"}
    assert names == {
        *("config.json", "model.npz", "metrics.jsonl", "training.png"),
        *("checkpoint.npz", "ledger.sqlite"),
    }
    assert directory.config()["settings"]["trainer"]["network"]["hidden"] == [12]
    model = sqsq.load_model(directory.model)
    assert np.array_equal(model.parameters.weights, run.parameters.weights)
    assert model.network.neurons == run.network.neurons
    assert same_read_outs(read_out_of(model), run.state.read_out)
    (line,) = directory.metrics()
    assert line["executions"] == run.usage.executions == 12 * 2 * IMAGES
    assert run.usage_evaluating.executions == 12 * 40
    assert line["features"] == 12 * (4 if features == "steps" else 1)
    assert line["accuracy"] == run.accuracy
    assert json.loads(json.dumps(run.summary()))["error_training"] == line["error_training"]
    with pytest.raises(UsageError, match="holds a run already"):
        train(run_dir=tmp_path / "run", features=features)


def read_out_of(model):
    """The read-out in a model file."""
    features = model.settings.values()["features"]
    return ReadOut(model.arrays["read_out_weights"], model.arrays["read_out_bias"], features)


def test_it_is_a_run_like_any_other(tmp_path):
    whole = train(run_dir=tmp_path / "run")
    run = open_run(tmp_path / "run")
    status = run.status()
    assert (status.state, status.iteration, status.iterations) == ("finished", 1, 1)
    assert status.accuracy == whole.accuracy
    assert same_read_outs(run.resume().state.read_out, whole.state.read_out)
    assert sqsq.evaluate_run(tmp_path / "run").summary()["accuracy"] == whole.accuracy
    x = sqsq.load_dataset("digits").test.images[:20]
    found = run.predict(x, seed=3)
    assert np.array_equal(found.classes, whole.predict(x, seed=3).classes)
    assert set(found.classes) <= {"1", "7"}
    assert found.counts is None
    assert found.spikes.shape == (20, 4, 12, 1)
    assert found.probabilities.sum(axis=1) == pytest.approx(1)
    assert np.array_equal(found.probabilities.argmax(axis=1), found.numbers)
    with pytest.raises(UsageError, match="model reservoir estimates no probabilities"):
        sqsq.evaluate_run(tmp_path / "run", shots=10)


def test_as_jobs(fake_service, tmp_path):
    """On a device its tables are jobs like all others, sent once each."""
    asked = {"backend": "ibm_brisbane", "pack": 4, "hidden": (4,), "m": 1, "test_size": 6, "job_seconds": 1e3}
    whole = train(run_dir=tmp_path / "run", resources=sqsq.Resources(patience=QUICK), **asked)
    jobs = len(fake_service.jobs)
    assert jobs == 2  # the training examples, the test examples
    again = open_run(tmp_path / "run").resume()
    assert len(fake_service.jobs) == jobs
    assert same_read_outs(again.state.read_out, whole.state.read_out)
    assert again.usage == whole.usage


def test_what_a_run_of_its_settings_would_cost():
    run = train()
    estimate = sqsq.estimate_run(run.settings)
    assert estimate.training.executions == run.usage.executions
    assert estimate.evaluating.executions == run.usage_evaluating.executions


def test_the_same_seed_gives_the_same_run():
    first, second, other = (train(seed=seed, features="steps") for seed in (1, 1, 2))
    assert same_read_outs(first.state.read_out, second.state.read_out)
    assert first.accuracy == second.accuracy
    assert not np.array_equal(first.state.read_out.weights, other.state.read_out.weights)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": 0}, "steps is 0: at least 1"),
        ({"m": 0}, "M is 0: at least 1"),
        ({"test_size": 0}, "test-size is 0: at least 1"),
        ({"seed": -1}, "seed is -1"),
        ({"hidden": ()}, "hidden layers none: a reservoir has one or more"),
        ({"hidden": (3, 0)}, "hidden layers 3,0"),
        ({"features": "all"}, "unknown features 'all'"),
        ({"inverse_penalty": float("nan")}, "inverse-penalty is nan: must be a positive number"),
        ({"evaluate_on": "training"}, "unknown evaluate-on 'training'"),
        ({"ansatz": "bogus"}, "unknown ansatz 'bogus'"),
        ({"m": 1_000_000, "steps": 10_000}, "would make 1,000,000,000,000 spikes of the reservoir: at most"),
        ({"iterations": 3}, "model reservoir has no iterations: that is a setting of local, ideal, lif"),
    ],
)
def test_bad_settings(changes, message):
    with pytest.raises(UsageError, match=message) as found:
        settings_with("reservoir", changes)
    assert "\n" not in str(found.value)


def test_more_spikes_than_memory_has_room_for(tmp_path):
    """How many training examples there are is known only once they are read."""
    with pytest.raises(UsageError, match="240 training examples would make 28,800,000,000 spikes of the res"):
        train(m=100_000, hidden=(300,), run_dir=tmp_path / "run")
    assert not list(tmp_path.iterdir())


def test_a_device_that_cannot_be_reached_leaves_nothing(tmp_path):
    with pytest.raises(BackendError, match="no IBM Quantum credentials found"):
        train(backend="ibm_brisbane", run_dir=tmp_path / "run")
    assert not list(tmp_path.iterdir())
