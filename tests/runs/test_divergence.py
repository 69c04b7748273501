"""A run that diverges says so in one line, and what it leaves is whole."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from sqsq.errors import DivergenceError
from sqsq.learning import Optimiser
from sqsq.runs import open_run, train_usps

SETTINGS = {"data": "digits", "steps": 2, "iterations": 3, "test_size": 6, "batch_size": 2, "m_syn": 1}


def test_a_diverging_run_stops_and_stores_nothing_of_it(tmp_path):
    with pytest.raises(
        DivergenceError, match=r"iteration 1: currents of neuron \d reach .* lower lr \(1e\+13\)"
    ):
        train_usps(run_dir=tmp_path / "run", **SETTINGS, lr=1e13)
    assert not list(tmp_path.rglob("*.npz"))
    with pytest.raises(DivergenceError, match="iteration 1"):
        open_run(tmp_path / "run").resume()


def test_the_command_exits_with_1_and_one_line(tmp_path):
    options = [f"--{name.replace('_', '-')}={value}" for name, value in SETTINGS.items()]
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "sqsq",
            "train-usps",
            *options,
            "--lr-theta=1e300",
            f"--run-dir={tmp_path / 'r'}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.strip().splitlines()[-1].startswith("sqsq: training diverged in iteration 1: theta[")
    assert "Traceback" not in ended.stderr
    assert "RuntimeWarning" not in ended.stderr


def test_iterations_before_it_stay(tmp_path, monkeypatch):
    """The second update is made too large: the first is in the checkpoint, finite."""
    update = Optimiser.update

    def growing(optimiser, state, parameters, gradients):
        if state["updates"] > 0:
            optimiser = replace(optimiser, lr=1e14, lr_theta=1e14)
        return update(optimiser, state, parameters, gradients)

    monkeypatch.setattr(Optimiser, "update", growing)
    with pytest.raises(DivergenceError, match="iteration 2"):
        train_usps(run_dir=tmp_path / "run", **SETTINGS)
    with np.load(tmp_path / "run" / "checkpoint.npz") as file:
        assert all(np.isfinite(file[name]).all() for name in file.files if name != "header")
    assert len((tmp_path / "run" / "metrics.jsonl").read_text().splitlines()) == 1
