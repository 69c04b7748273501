"""Every file of a run, spoilt in every way, before every command: one line, or the same answer as ever."""

import json
import shutil
from datetime import UTC, datetime

import numpy as np
import pytest

from sqsq import open_run, train_usps
from sqsq.errors import DataError, JobError
from sqsq.estimation import Calibration
from sqsq.model import Neuron
from sqsq.runs.calibration_file import read_calibration, write_calibration
from sqsq.runs.run_directory import RunDirectory
from tests.cli.in_process import run_command
from tests.runs_for_tests import on_notes

SMALL = {"data": "digits", "steps": 2, "iterations": 2, "test_size": 6, "batch_size": 2, "m_syn": 1}
FILES = (
    *("config.json", "metrics.jsonl", "model.npz", "checkpoint.npz", "ledger.sqlite"),
    *("calibration.json", "training.png"),
)
COMMANDS = {
    "status": ("status", "--json"),
    "resume": ("resume", "--json"),
    "evaluate": ("evaluate", "--json"),
    "inspect": ("inspect", "--json", "--draws", "2", "--steps", "2"),
    "compile": ("compile network", "--format", "text"),
}


def train(folder, seed):
    train_usps(run_dir=folder, backend="exact", seed=seed, **SMALL)
    calibration = Calibration(
        Neuron(),
        np.array([[[[0.9, 0.1], [0.2, 0.8]]]]),
        np.array([[[100, 100]]]),
        "exact",
        (),
        datetime(2026, 1, 1, tzinfo=UTC),
        "calibration",
    )
    write_calibration(folder / "calibration.json", calibration, RunDirectory(folder).run)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two finished runs of different seeds."""
    folder = tmp_path_factory.mktemp("runs")
    for seed in (0, 1):
        train(folder / str(seed), seed)
    return folder


def command_line(name, run):
    first, *options = COMMANDS[name]
    return (*first.split(), str(run), *options)


def answer(out):
    """What was printed, without what differs from day to day or place to place."""
    try:
        values = json.loads(out.splitlines()[-1])
    except json.JSONDecodeError:
        return out
    otherwise = ("run_dir", "target", "next", "seconds", "seconds_evaluating")
    return {name: value for name, value in values.items() if name not in otherwise}


@pytest.fixture(scope="module")
def answers(runs, tmp_path_factory):
    """What each command answers for the run as it is."""
    return {}


def spoil(path, how, other):
    if how == "missing":
        path.unlink()
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "another run's":
        shutil.copy(other / path.name, path)
    elif how == "cut in half":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    else:
        content = bytearray(path.read_bytes())
        rng = np.random.default_rng(len(content))
        content[int(rng.integers(len(content)))] ^= 4
        path.write_bytes(content)


WAYS = ("missing", "empty", "another run's", "cut in half", "a bit flipped")


@pytest.mark.matrix(keep=10)
@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("name", FILES)
def test_one_line_or_the_same_answer(runs, answers, tmp_path, name, how):
    noticed = {}
    for command in COMMANDS:
        if command not in answers:
            whole = tmp_path / f"whole-{command}"
            shutil.copytree(runs / "0", whole)
            said = run_command(*command_line(command, whole))
            assert said.code == 0
            answers[command] = answer(said.out.decode())
        run = tmp_path / command
        shutil.copytree(runs / "0", run)
        spoil(run / name, how, runs / "1")
        if (name, how) == ("ledger.sqlite", "a bit flipped") and command in ("status", "resume"):
            continue  # see the tests of the ledger
        said = run_command(*command_line(command, run))
        noticed[command] = said.code
        if said.code == 0:
            assert answer(said.out.decode()) == answers[command], f"{command} answers otherwise"
        else:
            assert said.code in (1, 2, 4)
            assert not said.out
            last = said.err.splitlines()[-1]
            assert last.startswith("sqsq: ")
            assert str(run) in last
        if command == "resume" and said.code == 0:
            assert_is_whole(run)
    if name == "config.json":
        assert all(noticed.values())
    if name in ("training.png", "calibration.json"):
        assert not any(noticed.values())
    if name == "model.npz":  # written again by resume, from the checkpoint
        assert noticed["resume"] == 0
    if name == "model.npz" and how != "a bit flipped":  # it may be one of an archive's that say nothing
        assert [command for command in COMMANDS if not noticed[command]] == ["resume"]
    if name == "metrics.jsonl":
        assert noticed["status"] == noticed["resume"] == 1
    if name == "checkpoint.npz":
        assert noticed["status"] == 1
        assert noticed["resume"] == (0 if how == "missing" else 1)


def assert_is_whole(run):
    directory = RunDirectory(run)
    point = directory.last_checkpoint()
    assert point.iteration == 2
    assert directory.holds_model_of(point)
    assert len(directory.metrics(2)) == 2


def edited(lines, how):
    first, second = lines
    return {
        "duplicated": [first, first],
        "reordered": [second, first],
        "edited": [first.replace('"loss_bound": ', '"loss_bound": 1'), second],
        "the first missing": [second],
        "the last missing": [first],
        "cut in the middle": [first, second[: len(second) // 2]],
        "no JSON": ["{", second],
        "a list": ["[1]", second],
        "not UTF-8": ["\udcff", second],
    }[how]


@pytest.mark.matrix(keep=3)
@pytest.mark.parametrize(
    "how",
    [
        *("duplicated", "reordered", "edited", "the first missing", "the last missing"),
        *("cut in the middle", "no JSON", "a list", "not UTF-8"),
    ],
)
def test_metrics_are_whole_or_refused(runs, tmp_path, how):
    run = tmp_path / "run"
    shutil.copytree(runs / "0", run)
    path = run / "metrics.jsonl"
    lines = edited(path.read_text().splitlines(), how)
    text = "".join(line + "\n" for line in lines)
    path.write_bytes((text[:-1] if how == "cut in the middle" else text).encode(errors="surrogateescape"))
    with pytest.raises(JobError, match=r"metrics\.jsonl"):
        open_run(run).status()
    before = path.read_bytes()
    with pytest.raises(JobError, match=r"metrics\.jsonl"):
        open_run(run).resume()
    assert path.read_bytes() == before
    # the remedy that the line names
    (run / "checkpoint.npz").unlink()
    open_run(run).resume()
    assert_is_whole(run)


def test_lines_after_the_checkpoint_are_written_again(runs, tmp_path):
    """A crash between the last line and the checkpoint; a reader sees the checkpoint's iterations."""
    run = tmp_path / "run"
    shutil.copytree(runs / "0", run)
    with (run / "metrics.jsonl").open("a") as file:
        file.write('{"iteration": 3, "accu')
    assert open_run(run).status().iteration == 2
    open_run(run).resume()
    assert_is_whole(run)
    assert (run / "metrics.jsonl").read_bytes() == (runs / "0" / "metrics.jsonl").read_bytes()


def test_an_old_checkpoint_is_gone_on_from_and_told(tmp_path, monkeypatch):
    """Put back from a backup, of a run that was finished: never the answer of an unfinished run."""
    saved = []

    def keep(path, point, run):
        save(path, point, run)
        saved.append(path.read_bytes())

    from sqsq.training.checkpoint import save_checkpoint as save

    monkeypatch.setattr("sqsq.runs.training.save_checkpoint", keep)
    run = tmp_path / "run"
    done = train_usps(run_dir=run, backend="exact", **SMALL)
    (run / "checkpoint.npz").write_bytes(saved[0])
    with pytest.raises(JobError, match=r"checkpoint\.npz is missing or an old one: .* 1 of 2 iterations"):
        open_run(run).status()
    again = open_run(run).resume(on_event=lambda event: None)
    assert np.array_equal(again.parameters.weights, done.parameters.weights)


def test_a_model_of_an_earlier_iteration(tmp_path, monkeypatch):
    saved = []

    def keep(path, *arguments, **options):
        save(path, *arguments, **options)
        saved.append(path.read_bytes())

    from sqsq.runs.model_file import save_trained as save

    monkeypatch.setattr("sqsq.runs.training.save_trained", keep)
    run = tmp_path / "run"
    train_usps(run_dir=run, backend="exact", **SMALL)
    (run / "model.npz").write_bytes(saved[0])
    for look in (RunDirectory(run).trained, open_run(run).status):
        with pytest.raises(DataError, match=r"model\.npz is of an earlier iteration than checkpoint\.npz"):
            look()
    notes = []
    open_run(run).resume(on_event=on_notes(notes.append))
    assert notes == [f"{run / 'model.npz'} is not that of checkpoint.npz: it is written again"]
    assert_is_whole(run)


@pytest.mark.parametrize("name", ["config.json", "metrics.jsonl", "model.npz", "checkpoint.npz"])
def test_bits_flipped_anywhere(runs, tmp_path, name):
    """60 places of each file: what is read is refused in one line, or is what was there."""
    run = tmp_path / "run"
    shutil.copytree(runs / "0", run)
    content = (run / name).read_bytes()
    before = read_all(RunDirectory(run))
    for place in np.random.default_rng(0).integers(0, 8 * len(content), 60):
        flipped = bytearray(content)
        flipped[place // 8] ^= 1 << (place % 8)
        (run / name).write_bytes(flipped)
        try:
            after = read_all(RunDirectory(run))
        except (DataError, JobError) as error:
            words = str(error)
            after = before
        else:
            words = name
        assert name in words
        assert "\n" not in words
        assert after == before


def read_all(directory):
    point = directory.last_checkpoint()
    _, parameters = directory.trained()
    numbers = [array.tobytes() for array in (parameters.weights, parameters.theta)]
    numbers += [(name, array.tobytes()) for name, array in point.arrays.items()]
    return directory.config(), directory.metrics(2), point.usage, point.seconds_evaluating, numbers


def test_a_configuration_without_a_checksum(runs, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(runs / "0", run)
    config = json.loads((run / "config.json").read_text())
    data = {**config["settings"]["data"], "data_dir": "/elsewhere"}
    moved = {**config, "settings": {**config["settings"], "data": data}}
    (run / "config.json").write_text(json.dumps(moved))
    assert open_run(run).settings.data.data_dir is not None  # where the data lie may change
    for changes, message in (
        ({"settings": {**config["settings"], "seed": 3}}, "was edited or is damaged"),
        ({"settings": {**config["settings"], "trainer": {}}}, "was edited or is damaged"),
        ({"data": {**config["data"], "classes": ["7", "1"]}}, "was edited or is damaged"),
        ({"resources": {"max_qpu_seconds": 1e9}}, "was edited or is damaged"),
        ({"sha256": None}, "has no checksum"),
        ({"settings": []}, "is not the configuration of a run"),
        ({"run": 3}, "is not the configuration of a run"),
    ):
        (run / "config.json").write_text(json.dumps({**config, **changes}))
        with pytest.raises(DataError, match=message):
            open_run(run)
    (run / "config.json").write_text("[" * 100_000)
    with pytest.raises(DataError, match=r"config\.json cannot be read"):
        open_run(run)


@pytest.mark.parametrize("how", WAYS[:2] + WAYS[3:])
def test_a_spoilt_calibration_is_refused(runs, tmp_path, how):
    path = tmp_path / "calibration.json"
    shutil.copy(runs / "0" / "calibration.json", path)
    assert read_calibration(path).backend == "exact"
    spoil(path, how, runs / "1")
    with pytest.raises(DataError, match=r"calibration\.json"):
        read_calibration(path)


def test_an_edited_calibration_is_refused(runs, tmp_path):
    path = tmp_path / "calibration.json"
    text = (runs / "0" / "calibration.json").read_text()
    path.write_text(text.replace("0.9", "0.8"))
    with pytest.raises(DataError, match="was edited or is damaged"):
        read_calibration(path)
    content = json.loads(text)
    del content["sha256"]
    path.write_text(json.dumps(content))
    with pytest.raises(DataError, match="has no checksum"):
        read_calibration(path)
    path.write_text("[1]")
    with pytest.raises(DataError, match="holds no readout calibration"):
        read_calibration(path)


def test_another_runs_ledger_is_not_cancelled(runs, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(runs / "0", run)
    shutil.copy(runs / "1" / "ledger.sqlite", run)
    with pytest.raises(JobError, match="belongs to another run"):
        open_run(run).cancel()
    (run / "ledger.sqlite").unlink()
    with pytest.raises(DataError, match=r"has no ledger\.sqlite"):
        open_run(run).cancel()
    assert not (run / "ledger.sqlite").exists()


@pytest.mark.parametrize("number", ["Infinity", "NaN", "1e400"])
def test_a_number_that_is_none(runs, tmp_path, number):
    for name in ("config.json", "metrics.jsonl", "calibration.json"):
        run = tmp_path / name
        shutil.copytree(runs / "0", run)
        text = (run / name).read_text()
        where = text.index('": ') + 3
        end = min(text.index(mark, where) for mark in ",}" if mark in text[where:])
        (run / name).write_text(f"{text[:where]}{number}{text[end:]}")
        with pytest.raises((DataError, JobError), match=name):
            read_calibration(run / name) if name == "calibration.json" else open_run(run).status()
