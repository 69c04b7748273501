import json

import numpy as np
import pytest
from filelock import FileLock

import sqsq
from sqsq.errors import BackendError, DataError, UsageError
from sqsq.runs import RunSettings, evaluate_run, open_run, settings_with, train_usps
from sqsq.runs.run_directory import RunDirectory
from sqsq.runs.run_files import begin_run
from sqsq.training import IterationMetrics
from tests.runs_for_tests import on_iterations, usps

SMALL = {
    "data": "digits",
    "steps": 4,
    "iterations": 3,
    "batch_size": 4,
    "m_syn": 2,
    "test_size": 10,
    "eval_every": 2,
}


def test_learns_the_bundled_digits():
    run = sqsq.train_usps(data="digits", backend="exact", iterations=30, eval_every=30)
    assert run.accuracy > 0.85
    assert run.metrics[0].measures["loss_bound"] > 1.5 * run.metrics[-1].measures["loss_bound"]


def test_run_directory_holds_everything(tmp_path):
    seen = []
    run = train_usps(run_dir=tmp_path / "run", on_event=on_iterations(seen.append), hidden=(2,), m=2, **SMALL)
    directory = RunDirectory(tmp_path / "run")
    names = {path.name for path in directory.path.iterdir()} - {".lock"}
    assert names == {
        *("config.json", "metrics.jsonl", "model.npz", "training.png"),
        *("checkpoint.npz", "ledger.sqlite"),
    }
    config = directory.config()
    assert RunSettings.from_json(config["settings"]) == run.settings
    assert config["packages"]["sqsq"] == sqsq.__version__
    assert set(config["packages"]) >= {"qiskit", "qiskit-aer", "numpy"}
    lines = directory.metrics()
    assert [line["iteration"] for line in lines] == [1, 2, 3]
    assert ["accuracy" in line for line in lines] == [False, True, True]
    assert len(lines[-1]["spikes_per_neuron"]) == 4
    assert sum(lines[-1]["spikes_per_neuron"]) == pytest.approx(lines[-1]["spikes_per_step"])
    assert [IterationMetrics.from_json(line) for line in lines] == seen
    assert directory.figure.read_bytes().startswith(b"\x89PNG")
    # 4 images, 2 passes: 2 hidden neurons forward, then 4 neurons with 1 + 4 rows of 5 shots
    assert lines[0]["evaluations"] == 8 * 2 + 8 * 4 * 5
    assert lines[0]["executions"] == 8 * 2 + 8 * 4 * 5 * 5
    summary = run.summary()
    assert summary["evaluations"] == 3 * lines[0]["evaluations"]
    assert summary["evaluations_evaluating"] == 2 * 10 * 4
    assert json.loads(json.dumps(summary)) is not None


def test_the_same_seed_gives_the_same_run(tmp_path):
    first, second = (train_usps(seed=4, **SMALL) for _ in range(2))
    assert np.array_equal(first.parameters.weights, second.parameters.weights)
    assert np.array_equal(first.parameters.theta, second.parameters.theta)
    assert first.accuracy == second.accuracy
    assert not np.array_equal(first.parameters.theta, train_usps(seed=5, **SMALL).parameters.theta)


def test_evaluating_a_run_again(tmp_path):
    run = train_usps(run_dir=tmp_path / "run", **SMALL)
    again = evaluate_run(tmp_path / "run")
    assert again.summary()["accuracy"] == run.accuracy  # the same seed draws the same shots
    noisy = evaluate_run(tmp_path / "run", repeats=2, backend="fake_brisbane", test_size=5)
    summary = noisy.summary()
    assert summary["backend"] == "fake_brisbane"
    assert summary["images"] == 5
    assert len(summary["accuracies"]) == 2
    assert summary["executions"] == 2 * 5 * 2


def test_evaluating_on_another_backend_when_asked(tmp_path):
    run = train_usps(run_dir=tmp_path / "run", evaluate_backend="exact", **SMALL)
    assert run.summary()["evaluate_backend"] == "exact"
    assert run.summary()["backend"] == "aer"
    assert evaluate_run(tmp_path / "run").summary()["backend"] == "exact"
    assert evaluate_run(tmp_path / "run").summary()["accuracy"] == run.accuracy
    with pytest.raises(BackendError, match="unknown backend 'exactly'"):
        train_usps(run_dir=tmp_path / "other", evaluate_backend="exactly", **SMALL)
    assert not (tmp_path / "other").exists()


def test_ideal_gradients():
    settings = {name: value for name, value in SMALL.items() if name != "m_syn"}
    run = train_usps(**{**settings, "iterations": 1, "backend": "exact", "gradient": "ideal"})
    assert run.settings.model == "ideal"
    assert run.usage.executions == 0
    assert run.metrics[0].measures["gradient_norm_theta"] > 0


def test_ideal_gradients_need_a_backend_that_knows_them(tmp_path):
    with pytest.raises(UsageError, match="the backend aer knows no exact gradients: use exact"):
        train_usps(run_dir=tmp_path / "run", data="digits", gradient="ideal", backend="aer")
    assert not list(tmp_path.iterdir())


def test_multiple_classes_and_larger_neurons():
    run = train_usps(digits=(0, 1, 2), io_qubits=2, memory_qubits=1, **SMALL)
    assert run.parameters.weights.shape == (3, 67, 2)
    assert 0 <= run.accuracy <= 1


@pytest.mark.parametrize("option", ["prefix", "adam", "exact", "sampled", "paper"])
def test_variants_run(option):
    name = {"prefix": "estimator", "adam": "optimizer"}.get(option, "shift")
    run = train_usps(**{**SMALL, "iterations": 1, name: option})
    assert np.isfinite(run.metrics[0].measures["gradient_norm_theta"])
    assert run.metrics[0].measures["without_estimate"] == 0 or option == "prefix"


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"backend": "aerr"}, BackendError, "unknown backend 'aerr'"),
        ({"gradient": "ideal"}, UsageError, "model ideal has no m-syn: that is a setting of local"),
        ({"backend": "ibm_fez"}, BackendError, "no IBM Quantum credentials found"),
        ({"backend": "fake_berlin"}, BackendError, "no reset instruction"),
        ({"backend": "fake_vigo"}, BackendError, "--no-idle-noise"),
        ({"ansatz": "swap"}, UsageError, "unknown ansatz 'swap'"),
        ({"digits": (1, 1)}, UsageError, "must be different"),
        ({"digits": (1, 10)}, UsageError, "unknown digit 10"),
        ({"steps": 0}, UsageError, "steps is 0: at least 1"),
        ({"iterations": 0}, UsageError, "iterations is 0"),
        ({"m": 0}, UsageError, "M is 0"),
        ({"m_p": 0}, UsageError, "M_p is 0"),
        ({"batch_size": 10_000}, UsageError, "batch size 10000: must be 1 to"),
        ({"hidden": (3, 0)}, UsageError, "hidden layers 3,0"),
        ({"seed": -1}, UsageError, "seed is -1"),
        ({"evaluate_on": "train"}, UsageError, "choose from test, validation"),
        ({"data": "mnist"}, UsageError, "unknown data set 'mnist'"),
    ],
)
def test_bad_input_leaves_nothing_behind(tmp_path, changes, error, message):
    with pytest.raises(error, match=message):
        train_usps(run_dir=tmp_path / "run", **{**SMALL, **changes})
    assert not list(tmp_path.iterdir())


def test_unknown_settings_are_named():
    words = r"unknown setting 'iteration' \(did you mean iterations\?\): settings are model, seed, data, "
    with pytest.raises(UsageError, match=words):
        train_usps(iteration=3)


def test_run_directories_are_not_shared_or_overwritten(tmp_path):
    train_usps(run_dir=tmp_path / "done", **SMALL)
    before = (tmp_path / "done" / "config.json").read_text()
    with pytest.raises(UsageError, match="holds a run already: choose another"):
        train_usps(run_dir=tmp_path / "done", **SMALL)
    assert (tmp_path / "done" / "config.json").read_text() == before
    (tmp_path / "busy").mkdir()
    with FileLock(tmp_path / "busy" / ".lock"), pytest.raises(UsageError, match="in use by another run"):
        train_usps(run_dir=tmp_path / "busy", **SMALL)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written: Not a directory"):
        train_usps(run_dir=tmp_path / "file" / "run", **SMALL)


def begin(path, experiment, settings, more=None):
    with begin_run(path, experiment, settings, {}, more):
        pass


def test_runs_that_cannot_be_evaluated(tmp_path):
    with pytest.raises(DataError, match="not a run directory: it has no config"):
        evaluate_run(tmp_path)
    begin(tmp_path / "other", "fig2a", {})
    with pytest.raises(DataError, match="is a run of fig2a, not of train"):
        evaluate_run(tmp_path / "other")
    for earlier in ("train-usps", "train-reservoir"):
        begin(tmp_path / earlier, earlier, {"steps": 3})
        words = rf"is a run of {earlier}, which an earlier version of sqsq .*: this one cannot read it"
        for look in (evaluate_run, open_run):
            with pytest.raises(DataError, match=words):
                look(tmp_path / earlier)
    settings = usps(data="digits").to_json()
    begin(tmp_path / "new", "train", {**settings, "later": 1})
    with pytest.raises(DataError, match="unknown setting 'later': another version of sqsq"):
        evaluate_run(tmp_path / "new")
    begin(tmp_path / "bare", "train", settings)
    with pytest.raises(DataError, match="does not say what its examples were"):
        evaluate_run(tmp_path / "bare")
    known = {"inputs": 64, "classes": ["1", "7"], "digest": "0"}
    begin(tmp_path / "young", "train", settings, {"data": known})
    with pytest.raises(DataError, match="no model file"):
        evaluate_run(tmp_path / "young")
    with pytest.raises(UsageError, match="repeats is 0"):
        evaluate_run(tmp_path / "young", repeats=0)


@pytest.mark.parametrize(("other", "shown"), [("lif", "'lif'"), (np.array([]), r"array\(\[\]"), (5, "5")])
def test_two_models_are_refused(other, shown):
    with pytest.raises(UsageError, match=f"two models are named, local and {shown}"):
        settings_with("local", {"model": other})
