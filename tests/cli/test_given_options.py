"""An option that is given has its effect, also where its value is a default."""

import json
from dataclasses import replace
from pathlib import Path

import click
import pytest

from sqsq import open_run, train_usps
from sqsq.cli.main import cli
from sqsq.cli.resource_options import RESOURCE_OPTIONS
from sqsq.errors import UsageError
from sqsq.jobs import Resources
from sqsq.models import MODELS
from sqsq.runs import RunEvaluation, asked_evaluation, evaluate_run, known_settings
from sqsq.runs.run_directory import RunDirectory
from sqsq.runs.trained_run import TrainedRun
from tests.cli.in_process import run_command
from tests.runs_for_tests import usps

PLAIN = usps()
DEFAULTS = PLAIN.values()
OTHER = {
    "backend": "exact:fake_brisbane",
    "data": "digits",
    "digits": (0, 1, 2),
    "ansatz": "io-controlled",
    "memory_qubits": 2,
    "steps": 2,
    "hidden": (3,),
    "iterations": 2,
    "batch_size": 2,
    "m": 2,
    "m_syn": 1,
    "m_som": 2,
    "m_p": 6,
    "epsilon": 0.2,
    "estimator": "prefix",
    "shift": "exact",
    "feedback": "paper",
    "baseline": "none",
    "forward": "fused",
    "optimizer": "adam",
    "lr": 0.5,
    "lr_theta": 0.25,
    "readout": "properties",
    "calibration_readings": 50,
    "test_size": 6,
    "evaluate_on": "validation",
    "evaluate_backend": "exact",
    "seed": 3,
    "idle_noise": False,
    "pack": 1,
}
"""A run that differs from the defaults in all that has one; none of it is run here."""
ASKED = {"workers": 1, "max_qpu_seconds": 30.0, "instance": "mine", "batch": False}
CHANGED = {
    "workers": 2,
    "dask": "tcp://here:1",
    "max_qpu_seconds": 600.0,
    "max_pending": 2,
    "instance": "crn",
    "batch": True,
    "accept_device_changes": True,
}


class StopError(Exception):
    """What was given has arrived."""


def begun(path):
    """The run directory of a run that was begun and never measured anything."""
    from sqsq.runs.examples import KnownData
    from sqsq.runs.run_files import new_run_files
    from sqsq.runs.stored_settings import DATA, EXPERIMENT

    settings = usps(**OTHER)
    known = KnownData(64, settings.data.classes, "a digest")
    more = {DATA: known.to_json()}
    resources = Resources(**ASKED).to_json()
    with new_run_files(path, EXPERIMENT, settings.to_json(), resources, more, durable=False):
        pass
    return path


def options_of(command):
    found = cli.get_command(None, command).params
    return [each for each in found if isinstance(each, click.Option) and each.name not in ("as_json", "help")]


def typed(option, value):
    """How a value of an option is typed; None if it cannot be."""
    names = {True: option.opts, False: option.secondary_opts}
    if option.is_flag:
        return [names[value][-1]] if names[value] else None
    if value is None or value == ():
        return None
    words = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return [option.opts[-1], words]


NO_SETTINGS = {"repeats", "shots", "dry_run", "yes", *RESOURCE_OPTIONS}
EVALUATED = [option for option in options_of("evaluate") if option.name not in NO_SETTINGS]


@pytest.mark.parametrize("option", EVALUATED, ids=lambda option: option.name)
def test_evaluate(tmp_path, monkeypatch, option):
    """The training's default, of a run that has another value."""
    value = DEFAULTS[option.name]
    if value is None:
        value = {"data_dir": tmp_path, "test_size": 5, "mitigation": "none", "calibration": tmp_path / "c"}[
            option.name
        ]
    words = typed(option, True if option.name == "zne" else value)
    asked = {}

    def look(settings, shots, changes):
        asked.update(changes)
        raise StopError

    run = begun(tmp_path / "run")
    settings, _ = asked_evaluation._changed(open_run(run).settings, None, {})
    assert settings.backend.name == "exact", "it is the run's evaluate-backend"
    monkeypatch.setattr(asked_evaluation, "_changed", look)
    with pytest.raises(StopError):
        run_command("evaluate", run, *words)
    assert asked == {option.name: True if option.name == "zne" else value}
    asked.clear()
    with pytest.raises(StopError):
        run_command("evaluate", run)
    assert not asked


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    run = tmp_path_factory.mktemp("trained") / "run"
    small = {"data": "digits", "steps": 2, "iterations": 2, "test_size": 6, "batch_size": 2, "m_syn": 1}
    train_usps(run_dir=run, backend="exact", seed=5, calibration_readings=50, idle_noise=False, **small)
    return run


def test_evaluate_to_the_end(trained):
    """The backend and the seed of the training's defaults, and what is printed."""
    found = {}
    for words in ((), ("--backend", "aer"), ("--seed", "0"), ("--idle-noise",), ("--seed", "5")):
        said = run_command("evaluate", trained, *words, "--json")
        assert said.code == 0, said.err
        found[words] = json.loads(said.out)
    assert found[()]["backend"] == "exact"
    assert found[("--backend", "aer")]["backend"] == "aer"
    assert found[("--seed", "5")] == found[()]
    assert found[("--seed", "0")]["spikes_per_neuron"] != found[()]["spikes_per_neuron"]
    said = run_command("evaluate", trained, "--backend", "aer")
    assert " images) on aer; " in said.out.decode()
    assert "standard deviation" not in said.out.decode()
    assert found[()]["accuracy_std"] is None
    low, high = found[()]["accuracy_interval"]
    assert low < found[()]["accuracy"] < high
    said = run_command("evaluate", trained, "--repeats", "3")
    assert "over 3 repeats of these images" in said.out.decode()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": 4}, "cannot change steps of a trained run: only backend, data_dir"),
        ({"zne_scales": (1.0, 3.0)}, "zne_scales: single shots are not mitigated"),
        ({"calibration_readings": 10_000}, "calibration_readings: single shots are not mitigated"),
        ({"shots": 20, "zne_fit": "linear"}, "zne_fit: they say how to extrapolate; give --zne too"),
    ],
)
def test_what_would_have_no_effect_is_refused(trained, changes, message):
    with pytest.raises(UsageError, match=message):
        evaluate_run(trained, **changes)
    assert isinstance(evaluate_run(trained, readout="none", mitigation=None, zne=False), RunEvaluation)


@pytest.mark.parametrize("command", ["resume", "train-usps"])
@pytest.mark.parametrize("name", RESOURCE_OPTIONS)
def test_how_a_run_is_carried_out(tmp_path, monkeypatch, command, name):
    """What is given replaces what the run began with; the rest stays, the budget above all."""
    arrived = []

    def look(settings, resources, *others):
        arrived.append(resources)
        raise StopError

    monkeypatch.setattr("sqsq.runs.training._train", look)
    run = begun(tmp_path / "run")
    began = Resources(**ASKED)
    value = CHANGED[name]
    option = next(each for each in options_of("resume") if each.name == name)
    words = typed(option, value)
    line = ("resume", run) if command == "resume" else ("train-usps", "--resume", "--run-dir", run)
    if name == "dask":
        words += ["--workers", "0"]
        began = replace(began, workers=0)
    with pytest.raises(StopError):
        run_command(*line, *words)
    with pytest.raises(StopError):
        run_command(*line)
    assert arrived == [replace(began, **{name: value}), Resources(**ASKED)]


PRESET = {"digits": ("classes", (1, 7)), "gradient": ("model", "shots")}
"""What options of the preset are among the settings, and their defaults."""
SETTINGS = [option for option in options_of("train-usps") if option.name in {*DEFAULTS, *PRESET}]


def test_every_setting_is_an_option():
    preset = {PRESET[option.name][0] if option.name in PRESET else option.name for option in SETTINGS}
    assert preset == set(DEFAULTS)
    options = {option.name for option in cli.get_command(None, "train").params}
    for model in MODELS:
        assert set(known_settings(model)) <= options


@pytest.mark.parametrize("option", SETTINGS, ids=lambda option: option.name)
def test_going_on_compares_what_is_given(tmp_path, monkeypatch, option):
    """A default that is given is not the run's value: refused; what is not given is the run's own."""
    arrived = []

    def look(settings, *others):
        arrived.append(settings)
        raise StopError

    monkeypatch.setattr("sqsq.runs.training._train", look)
    run = begun(tmp_path / "run")
    found = open_run(run).settings
    values = {**found.values(), "digits": OTHER["digits"], "gradient": "shots"}
    line = ("train-usps", "--resume", "--run-dir", run)
    with pytest.raises(StopError):
        run_command(*line)
    assert arrived == [found]
    own = typed(option, values[option.name])
    if own is not None:
        with pytest.raises(StopError):
            run_command(*line, *own)
        assert arrived == [found, found]
    default = PRESET[option.name][1] if option.name in PRESET else DEFAULTS[option.name]
    words = typed(option, default)
    if default != values[option.name] and words is not None:
        said = run_command(*line, *words)
        assert said.code == 2, said.err
        assert "holds a run with" in said.err
        assert "choose another directory or the same settings" in " ".join(said.err.split())


def test_the_data_may_have_moved(tmp_path, monkeypatch):
    arrived = []
    monkeypatch.setattr(
        "sqsq.runs.training._train", lambda settings, *others: arrived.append(settings) or stop()
    )
    run = begun(tmp_path / "run")
    with pytest.raises(StopError):
        run_command("train-usps", "--resume", "--run-dir", run, "--data-dir", "elsewhere")
    assert arrived[0].data.data_dir == Path("elsewhere")


def stop():
    raise StopError


def test_a_run_without_settings_goes_on_with_its_own(trained):
    again = train_usps(run_dir=trained, resume=True)
    assert isinstance(again, TrainedRun)
    assert again.settings == open_run(trained).settings
    with pytest.raises(UsageError, match=r"holds a run with seed 5, not 0"):
        train_usps(run_dir=trained, resume=True, seed=0)


def test_options_of_an_ansatz_are_not_those_of_a_run(trained):
    for option in ("--io-qubits", "--memory-qubits"):
        said = run_command("inspect", trained, option, "1")
        assert said.code == 2
        assert f"{option}: for an ansatz; the neurons of a run have their own" in said.err
    assert RunDirectory(trained).holds_run


@pytest.mark.parametrize("option", ["--image", "--seed"])
def test_options_of_a_run_are_not_those_of_a_description(tmp_path, option):
    path = tmp_path / "network.json"
    path.write_text('{"inputs": 1, "neurons": [{}], "edges": [], "outputs": [0], "spikes": [[1]]}')
    said = run_command("compile", "network", path, option, "0")
    assert said.code == 2
    assert said.err == f"sqsq: {option}: for a run; a description has spikes of its own\n"
