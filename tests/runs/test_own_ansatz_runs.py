"""Runs with a user's own ansatz, in processes that never saw the circuit and in those that saw another."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter

from sqsq import open_run, train, train_usps
from sqsq.errors import DataError, SqsqError, UsageError
from sqsq.model import ansatz_from_circuit, load_model, read_network
from sqsq.reproduce.curves import Curve
from sqsq.reproduce.sensitivity import SensitivityOptions
from sqsq.reproduce.sensitivity.points import points_of
from sqsq.reproduce.sensitivity.record import request_of
from sqsq.runs import RunSettings, evaluate_run
from sqsq.runs.run_directory import RunDirectory
from sqsq.runs.stored_settings import settings_of
from tests.elsewhere import forget_own_ansatze
from tests.runs_for_tests import usps

SMALL = {
    "data": "digits",
    "backend": "exact",
    "steps": 2,
    "iterations": 2,
    "eval_every": 1,
    "test_size": 4,
    "batch_size": 2,
    "m_syn": 1,
    "ansatz": "traveller",
}

SCRIPT = """
import sys
from sqsq import Resources, train_usps
from tests.runs.test_own_ansatz_runs import SMALL, register
from tests.runs_for_tests import on_iterations, usps

def stop(metrics):
    sys.exit(7)

if __name__ == "__main__":
    register()
    train_usps(run_dir=sys.argv[1], resources=Resources(workers=2), on_event=on_iterations(stop), **SMALL)
"""


def register(turn=0.0, **options):
    x, y = Parameter("x"), Parameter("y")
    circuit = QuantumCircuit(2)
    circuit.rx(2 * x + turn, 0)
    circuit.crx(y, 1, 0)
    circuit.cx(0, 1)
    ansatz_from_circuit("traveller", circuit, io_qubits=1, **options)


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "sqsq", *map(str, arguments)], capture_output=True, text=True, timeout=300
    )


def script(*arguments):
    """Run a script that imports these tests."""
    root = str(Path(__file__).resolve().parents[2])
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])},
    )


@pytest.fixture(scope="module")
def cut_run(tmp_path_factory):
    """A run that a process with two workers began, and left after its first iteration."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "script.py").write_text(SCRIPT)
    ended = script(folder / "script.py", folder / "run")
    assert ended.returncode == 7, ended.stderr
    return folder / "run"


@pytest.fixture
def run(cut_run, tmp_path, monkeypatch):
    """A copy of it, in a process that knows nothing of its ansatz."""
    forget_own_ansatze(monkeypatch)
    return shutil.copytree(cut_run, tmp_path / "run")


@pytest.mark.slow
def test_fresh_processes_go_on_with_it(cut_run, tmp_path, monkeypatch):
    run = shutil.copytree(cut_run, tmp_path / "run")
    status = command("status", run, "--json")
    assert (status.returncode, json.loads(status.stdout)["iteration"]) == (0, 1), status.stderr
    resumed = command("resume", run, "--workers", 2, "--json")
    assert resumed.returncode == 0, resumed.stderr
    forget_own_ansatze(monkeypatch)
    register()
    whole = train_usps(**SMALL)
    assert json.loads(resumed.stdout.splitlines()[-1])["accuracy"] == whole.accuracy
    _, parameters = load_model(run / "model.npz")
    assert np.array_equal(parameters.theta, whole.parameters.theta)
    assert np.array_equal(parameters.weights, whole.parameters.weights)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("evaluate", "RUN", "--json"), '"images": 4'),
        (("compile", "network", "RUN"), "crx"),
        (("inspect", "RUN", "--json"), '"ansatz": "traveller"'),
    ],
)
def test_fresh_processes_look_at_it(cut_run, arguments, expected):
    done = command(*(cut_run if part == "RUN" else part for part in arguments))
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout


@pytest.mark.slow
def test_the_command_that_began_it_goes_on(run):
    options = [part for name, value in SMALL.items() for part in (f"--{name.replace('_', '-')}", value)]
    done = command("train-usps", *options, "--run-dir", run, "--resume", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["iterations"] == 2


def test_unknown_names_say_how_to_register_one():
    done = command("train-usps", "--ansatz", "traveller", "--data", "digits")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "unknown ansatz 'traveller': choose from partial-swap, " in done.stderr
    assert "sqsq.ansatz_from_circuit" in done.stderr


@pytest.mark.parametrize(
    "use",
    [
        lambda run: open_run(run).status(),
        lambda run: open_run(run).resume(),
        lambda run: evaluate_run(run),
        lambda run: train_usps(run_dir=run, resume=True, **SMALL),
        lambda run: load_model(run / "model.npz"),
    ],
)
@pytest.mark.parametrize("other", [{"turn": 0.5}, {"rectified": False}, {"spread": 0.1}])
def test_another_circuit_of_the_name_is_refused(run, use, other):
    register(**other)
    with pytest.raises(
        SqsqError, match=r"'traveller' is registered already, with another definition"
    ) as found:
        use(run)
    assert "\n" not in str(found.value)
    assert "another version" not in str(found.value)


def test_the_same_circuit_is_fine(run):
    register()
    assert open_run(run).resume().metrics[-1].iteration == 2
    register()


def test_a_run_that_does_not_say_which_circuit_is_refused(run):
    register()
    config = json.loads((run / "config.json").read_text())
    del config["settings"]["ansatz_definition"]
    values = config["settings"]
    with pytest.raises(UsageError, match="do not say which circuit ansatz 'traveller' is"):
        RunSettings.from_json(values)


def test_a_changed_definition_is_refused(cut_run, monkeypatch):
    forget_own_ansatze(monkeypatch)
    values = json.loads((cut_run / "config.json").read_text())["settings"]
    values["ansatz_definition"]["gates"][0][2][0][0] = 1.0
    with pytest.raises(UsageError, match="definition of ansatz 'traveller' was changed since"):
        RunSettings.from_json(values)


def test_settings_keep_it(monkeypatch):
    forget_own_ansatze(monkeypatch)
    register()
    settings = usps(**SMALL)
    stored = json.loads(json.dumps(settings.to_json()))
    curve = json.loads(json.dumps(Curve("c", "traveller", "c", settings).settings_json()))
    assert "ansatz_definition" not in usps().to_json()
    forget_own_ansatze(monkeypatch)
    assert RunSettings.from_json(stored) == settings
    assert RunSettings.from_json(curve) == settings
    forget_own_ansatze(monkeypatch)
    register(0.5)
    with pytest.raises(UsageError, match="registered already"):
        RunSettings.from_json(curve)


def test_settings_that_are_wrong_are_not_blamed_on_another_version(run, monkeypatch):
    directory = RunDirectory(run)
    config = directory.config()
    config["settings"]["trainer"]["rule"]["m"] = 0
    monkeypatch.setattr(RunDirectory, "config", lambda self: config)
    with pytest.raises(DataError, match="run cannot be used here: M is 0: at least 1") as found:
        settings_of(directory)
    assert "another version" not in str(found.value)
    config["settings"]["later"] = 1
    with pytest.raises(DataError, match="unknown setting 'later': another version of sqsq, or of the model"):
        settings_of(directory)


def test_a_study_tells_circuits_apart(monkeypatch):
    forget_own_ansatze(monkeypatch)
    register()
    options = SensitivityOptions(ansatze=("traveller", "partial-swap"))
    first = [request_of(options, point) for point in points_of(options)], options.to_json()
    forget_own_ansatze(monkeypatch)
    register(0.5)
    second = [request_of(options, point) for point in points_of(options)], options.to_json()
    assert first[1] != second[1]
    for one, other in zip(first[0], second[0], strict=True):
        assert (one == other) == (one["ansatz"] == "partial-swap")
    assert "own_ansatze" not in SensitivityOptions().to_json()


def test_a_reservoir_keeps_it(tmp_path, monkeypatch):
    forget_own_ansatze(monkeypatch)
    register()
    settings = {"model": "reservoir", "steps": 2, "hidden": (2,), "m": 1, "test_size": 4}
    train("digits", run_dir=tmp_path, ansatz="traveller", **settings)
    stored = json.loads((tmp_path / "config.json").read_text())["settings"]["ansatz_definition"]
    forget_own_ansatze(monkeypatch)
    network, _ = load_model(tmp_path / "model.npz")
    assert {neuron.own_definition.digest for neuron in network.neurons} == {stored["digest"]}


def test_a_description_of_an_unknown_ansatz_says_how(tmp_path):
    path = tmp_path / "network.json"
    path.write_text(
        json.dumps(
            {"inputs": 1, "neurons": [{"ansatz": "nowhere"}], "edges": [], "outputs": [0], "spikes": [[0]]}
        )
    )
    with pytest.raises((UsageError, DataError), match=r"unknown ansatz 'nowhere'.*ansatz_from_circuit"):
        read_network(path)


def test_workers_that_register_another_circuit_say_so(tmp_path):
    path = tmp_path / "script.py"
    path.write_text(
        "import os\n"
        "from sqsq import Resources, train_usps\n"
        "from tests.runs.test_own_ansatz_runs import SMALL, register\n"
        "register(turn=os.getpid())\n"
        'if __name__ == "__main__":\n'
        "    try:\n"
        "        train_usps(resources=Resources(workers=2), **SMALL)\n"
        "    except Exception as error:\n"
        "        print(type(error).__name__, error)\n"
    )
    ended = script(path)
    assert ended.stdout.startswith("UsageError an ansatz named 'traveller' is registered already")
