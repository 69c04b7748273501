"""Training on any examples, and asking the trained network."""

import numpy as np
import pytest

import sqsq
from sqsq.data import dataset_from_arrays, load_dataset
from sqsq.errors import DataError, UsageError
from tests.runs.test_resume import assert_same_model
from tests.runs_for_tests import on_iterations

RNG = np.random.default_rng(3)
Y = np.repeat(["left", "right"], 60)
X = np.clip(0.15 * RNG.random((120, 8)) + 0.5 * (np.arange(8) // 4 == (Y == "right")[:, None]), 0, 1)
SMALL = {"backend": "exact", "steps": 5, "iterations": 15}


def test_five_lines():
    run = sqsq.train(X, Y, **SMALL)
    assert run.classes == ("left", "right")
    assert run.accuracy > 0.8
    assert run.confusion.shape == (2, 2)
    assert run.confusion.sum() == run.metrics[-1].images == 24
    assert run.confusion.trace() == round(run.accuracy * 24)
    found = run.predict(X)
    assert set(found.classes) == {"left", "right"}
    assert (found.classes == Y).mean() > 0.8
    assert found.counts.shape == found.probabilities.shape == (120, 2)
    assert found.spikes.shape == (120, 5, 2, 1)
    assert (found.counts == found.spikes.sum(axis=(1, 3))).all()
    assert found.probabilities.sum(axis=1) == pytest.approx(1)
    clear = found.counts[:, 0] != found.counts[:, 1]
    assert (found.probabilities.argmax(axis=1) == found.numbers)[clear].all()
    assert (run.predict(X).counts == found.counts).all()
    assert (run.predict(X, seed=1).counts != found.counts).any()


def test_a_run_directory(tmp_path):
    whole = sqsq.train(X, Y, run_dir=tmp_path / "whole", **SMALL)
    opened = sqsq.open_run(tmp_path / "whole")
    assert opened.accuracy == whole.accuracy
    assert (opened.confusion == whole.confusion).all()
    assert len(opened.metrics) == 15
    assert (opened.parameters.weights == whole.parameters.weights).all()
    assert opened.network.inputs == 8
    assert (opened.predict(X).classes == whole.predict(X).classes).all()

    class StopError(Exception):
        pass

    def stop(metrics):
        if metrics.iteration == 7:
            raise StopError

    half = tmp_path / "half"
    with pytest.raises(StopError):
        sqsq.train(X, Y, run_dir=half, on_event=on_iterations(stop), **SMALL)
    with pytest.raises(UsageError, match="learns from arrays that a program hands over"):
        sqsq.open_run(half).resume()
    with pytest.raises(DataError, match="holds other examples than those this run began with"):
        sqsq.train(X[::-1], Y, run_dir=half, resume=True, **SMALL)
    again = sqsq.train(X, Y, run_dir=half, resume=True, **SMALL)
    assert again.accuracy == whole.accuracy
    assert_same_model(tmp_path / "whole", half)
    dataset = dataset_from_arrays(X, Y)
    summary = sqsq.evaluate_run(half, dataset=dataset, repeats=2).summary()
    assert summary["images"] == 24
    assert summary["classes"] == ["left", "right"]
    assert np.trace(summary["confusion"]) == round(summary["accuracy"] * 48)
    assert np.sum(summary["confusion"], axis=1).tolist() == [24, 24]
    with pytest.raises(UsageError, match="arrays that a program hands over"):
        sqsq.evaluate_run(half)


def test_a_file_and_another_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("data.npz", x=X, y=Y)
    run = sqsq.train("data.npz", run_dir="run", **SMALL)
    monkeypatch.chdir("/")  # the run knows where its file is
    assert sqsq.open_run(tmp_path / "run").resume().accuracy == run.accuracy
    assert sqsq.evaluate_run(tmp_path / "run").summary()["images"] == 24
    np.savez(tmp_path / "data.npz", x=X[::-1], y=Y)
    with pytest.raises(DataError, match=r"data\.npz holds other examples"):
        sqsq.evaluate_run(tmp_path / "run")


def test_the_command_of_digits_takes_a_file_too(tmp_path):
    file = str(tmp_path / "data.npz")
    np.savez(file, x=X, y=Y)
    run = sqsq.train_usps(data=file, run_dir=tmp_path / "run", **SMALL)
    assert run.classes == ("left", "right")
    np.savez(file, x=X[::-1], y=Y)
    with pytest.raises(DataError, match=r"data\.npz holds other examples"):
        sqsq.open_run(tmp_path / "run").resume()
    with pytest.raises(UsageError, match="digits are of data sets of digits"):
        sqsq.train_usps(data=file, digits=(3, 5), **SMALL)


def test_the_same_as_a_data_set_of_sqsq():
    """Digits by name, as a data set and as arrays learn the same."""
    digits = load_dataset("digits")
    settings = {**SMALL, "iterations": 3, "test_size": 30, "batch_size": 5}
    by_name = sqsq.train("digits", **settings)
    parts = (digits.train.images, digits.train.labels, digits.test.images, digits.test.labels)
    by_arrays = sqsq.train(parts[0], parts[1], x_test=parts[2], y_test=parts[3], **settings)
    assert by_name.classes == by_arrays.classes == tuple("0123456789")
    assert (by_name.parameters.weights == by_arrays.parameters.weights).all()
    assert (sqsq.train(digits, **settings).parameters.weights == by_name.parameters.weights).all()
    two = sqsq.train("digits", classes=("7", "1"), **settings)
    usual = sqsq.train_usps(data="digits", digits=(7, 1), **settings)
    assert (two.parameters.weights == usual.parameters.weights).all()


def test_spike_trains():
    trains = (RNG.random((60, 5, 4)) < 0.6 * (np.arange(4) // 2 == np.arange(60)[:, None, None] % 2)).astype(
        int
    )
    run = sqsq.train(trains, np.arange(60) % 2, encoder="direct", **SMALL)
    assert run.classes == ("0", "1")
    assert run.predict(trains[:3]).spikes.shape == (3, 5, 2, 1)
    with pytest.raises(UsageError, match="the spike trains have 5 steps: T is 6"):
        sqsq.train(trains, np.arange(60) % 2, encoder="direct", **{**SMALL, "steps": 6})


@pytest.mark.parametrize(
    ("arguments", "changes", "message"),
    [
        ((X,), {}, "y is missing"),
        (("digits", Y), {}, "y goes with examples x"),
        (("digits",), {"x_test": X}, "x_test and y_test go with examples x"),
        ((X, Y), {"encoder": "latency", "rate_limit": 0.2}, "rate-limit is for the rate code"),
        ((X, Y), {"classes": ("left",)}, "at least two different"),
        ((X, Y), {"bogus": 1}, "unknown setting 'bogus'"),
        ((X, Y), {"batch_size": 500}, "batch size 500"),
    ],
)
def test_what_is_refused(arguments, changes, message):
    with pytest.raises(UsageError, match=message):
        sqsq.train(*arguments, **{**SMALL, **changes})


def test_examples_that_do_not_fit():
    run = sqsq.train(X, Y, **{**SMALL, "iterations": 1})
    with pytest.raises(
        UsageError,
        match="x has 5 values an example: the model takes 8, as many as those that it learned from",
    ):
        run.predict(X[:, :5])
    with pytest.raises(UsageError, match="divide pixels"):
        run.predict(X * 255)


def test_metrics_as_a_table():
    pytest.importorskip("pandas")
    table = sqsq.train(X, Y, **{**SMALL, "iterations": 2}).to_pandas()
    assert table.index.tolist() == [1, 2]
    assert "loss_bound" in table
