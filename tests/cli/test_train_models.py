"""``sqsq train --model``: every model is trained, asked and gone on with by the same commands."""

import json

import numpy as np
import pytest

from sqsq.models import MODELS
from sqsq.runs import known_settings
from tests.cli.in_process import run_command, sqsq_command

COMMON = ("--steps", "3", "--test-size", "20")
TRAINED = ("--iterations", "2", "--batch-size", "4", "--hidden", "3", "--classes", "1,7,0")
SMALL = {
    "reservoir": (*COMMON, "--hidden", "8", "--m", "1"),
    "lif": (*COMMON, *TRAINED),
    "ideal": (*COMMON, *TRAINED),
    "local": (*COMMON, *TRAINED, "--backend", "exact", "--m-syn", "1"),
}


def train(model, *arguments, cwd=None):
    return sqsq_command("train", "digits", "--model", model, *SMALL[model], *arguments, cwd=cwd)


def test_every_model_is_tried():
    assert SMALL.keys() == MODELS.keys()


@pytest.mark.parametrize("model", SMALL)
def test_train_ask_and_go_on(tmp_path, model):
    run = str(tmp_path / "run")
    result = train(model, "--run-dir", run, "--json")
    assert result.returncode == 0, result.stderr
    summary = json.loads(result.stdout.splitlines()[-1])
    assert summary["run_dir"] == run
    assert (summary["model"], summary["images"]) == (model, 20)
    assert 0 <= summary["accuracy"] <= 1
    names = {path.name for path in (tmp_path / "run").iterdir()} - {".lock"}
    files = {"config.json", "metrics.jsonl", "ledger.sqlite", "checkpoint.npz", "model.npz", "training.png"}
    assert names == files
    status = json.loads(sqsq_command("status", run, "--json").stdout)
    assert status["state"] == "finished"
    assert (status["accuracy"], status["backend"]) == (summary["accuracy"], summary["backend"])
    evaluated = json.loads(sqsq_command("evaluate", run, "--repeats", "2", "--json").stdout)
    assert evaluated["accuracies"][0] == summary["accuracy"], "the first repeats what the run drew at its end"
    np.save(tmp_path / "few.npy", np.random.default_rng(0).random((4, 64)))
    found = json.loads(sqsq_command("predict", run, str(tmp_path / "few.npy"), "--json").stdout)
    assert set(found["classes"]) <= set(map(str, range(10)))
    assert np.sum(found["probabilities"], axis=1) == pytest.approx(1)
    before = (tmp_path / "run" / "model.npz").read_bytes()
    again = train(model, "--run-dir", run, "--resume", "--json")
    assert again.returncode == 0, again.stderr
    figures = json.loads(again.stdout.splitlines()[-1])
    assert figures["accuracy"] == summary["accuracy"]
    assert sqsq_command("resume", run).returncode == 0
    assert (tmp_path / "run" / "model.npz").read_bytes() == before
    refused = train(model, "--run-dir", run)
    assert refused.returncode == 2
    assert "holds a run already" in refused.stderr


@pytest.mark.parametrize("model", SMALL)
def test_what_it_would_cost(tmp_path, model):
    planned = train(model, "--dry-run", "--json", cwd=tmp_path)
    assert planned.returncode == 0, planned.stderr
    assert not list(tmp_path.iterdir())
    done = json.loads(train(model, "--json", cwd=tmp_path).stdout.splitlines()[-1])
    used = done["executions"] + done["executions_evaluating"]  # exact answers are evaluations, not executions
    assert json.loads(planned.stdout.splitlines()[-1])["executions"] == used > 0


def test_default_run_directory(tmp_path):
    result = train("reservoir", cwd=tmp_path)
    assert "single-shot test accuracy" in result.stdout
    assert "error training" in result.stdout
    (run,) = (tmp_path / "runs").iterdir()
    assert run.name.startswith("train-")


@pytest.mark.parametrize(
    ("model", "arguments", "code", "message"),
    [
        ("reservoir", ["--backend", "bogus"], 3, "unknown backend 'bogus'"),
        ("reservoir", ["--hidden", "0"], 2, "hidden layers 0: each needs at least 1 neuron"),
        ("reservoir", ["--hidden", ""], 2, "hidden layers none: a reservoir has one or more"),
        ("reservoir", ["--classes", "1,1"], 2, "must be different"),
        ("reservoir", ["--m-p", "5"], 2, "model reservoir has no m-p: that is a setting of local"),
        ("reservoir", ["--zne"], 2, "model reservoir has no zne: that is a setting of local"),
        ("reservoir", ["--features", "all"], 2, "'all' is not one of 'counts', 'steps'"),
        (
            "lif",
            ["--ansatz", "partial-swap"],
            2,
            "model lif has no ansatz: that is a setting of local,",
        ),
        (
            "lif",
            ["--backend", "exact"],
            3,
            "lif neuron is classical and has no circuit: use the backend lif",
        ),
        ("lif", ["--evaluate-backend", "exact"], 3, "has no circuit: use the backend lif"),
        ("lif", ["--backend", "aer"], 3, "has no circuit: use the backend lif"),
        ("local", ["--backend", "lif"], 3, "the engine lif runs lif neurons, not partial-swap"),
        ("lif", ["--lr", "0"], 2, "lr is 0.0: must be a positive number"),
        ("ideal", ["--backend", "aer"], 2, "the backend aer knows no exact gradients: use exact, exact:"),
        ("ideal", ["--m", "0"], 2, "M is 0: at least 1"),
        ("local", ["--features", "steps"], 2, "model local has no features: that is a setting of reservoir"),
    ],
)
def test_bad_input_is_one_line_and_a_code(tmp_path, model, arguments, code, message):
    result = train(model, *arguments, cwd=tmp_path)
    assert result.returncode == code, result.stderr
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert not list(tmp_path.iterdir())


def test_data_that_are_not_there(tmp_path):
    arguments = ("train", "usps", "--model", "reservoir", *SMALL["reservoir"], "--data-dir", ".")
    result = sqsq_command(*arguments, cwd=tmp_path)
    assert result.returncode == 4
    assert "no file zip.train.gz" in result.stderr
    assert not list(tmp_path.iterdir())


def test_no_such_model(tmp_path):
    said = run_command("train", "digits", "--model", "resevoir")
    assert said.code == 2
    assert "unknown model 'resevoir' (did you mean reservoir?): choose from local, ideal," in said.err


@pytest.mark.parametrize("arguments", [[], ["--data", "digits"], ["--help"]])
def test_the_command_of_earlier_versions_says_what_it_is_called_by_now(arguments):
    said = run_command("train-reservoir", *arguments)
    assert said.code == 2
    assert said.err == "Error: train-reservoir is sqsq train DATASET --model reservoir by now\n"


def test_an_unknown_command():
    said = run_command("trian-usps")
    assert said.code == 2
    assert said.err == "Error: unknown command 'trian-usps' (did you mean train-usps?): see sqsq --help\n"


def test_help_says_where_models_differ():
    words = " ".join(sqsq_command("train", "--help").stdout.split())
    assert "[default: local: aer; ideal: exact; reservoir: exact; lif: lif]" in words
    own = known_settings("reservoir").keys() - known_settings("local").keys()
    assert own == {"features", "inverse_penalty"}
    assert "Read-out:" in words
