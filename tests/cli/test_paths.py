"""Run directories of any name: found again, and printed whole."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from sqsq.runs import open_run, train_usps
from tests.test_shell import NAMES

SMALL = {"data": "digits", "steps": 2, "iterations": 1, "batch_size": 2, "m_syn": 1, "test_size": 4}
HARD = "it's [red]$x[bold] [] :smile: `y` #?%41 " + "long" * 20


def sqsq(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "sqsq", *arguments],
        **{"capture_output": True, "check": False, "env": {**os.environ, "COLUMNS": "40"}, **options},
    )


@pytest.mark.matrix(keep=6)
@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_where_it_belongs(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / name
    before = set(tmp_path.iterdir())
    train_usps(run_dir=folder, **SMALL)
    assert set(tmp_path.iterdir()) - before == {tmp_path / Path(name).parts[0]}
    assert {"ledger.sqlite", "config.json", "model.npz"} <= {path.name for path in folder.iterdir()}
    run = open_run(folder)
    assert run.status().state == "finished"
    assert Path(shlex.split(run.status().next)[2]) == folder


@pytest.fixture
def runs(tmp_path):
    """A run with a hard name, and other ways to it."""
    folder = tmp_path / HARD
    train_usps(run_dir=folder, **SMALL)
    (tmp_path / "link").symlink_to(folder)
    return folder


def test_other_ways_to_a_directory(tmp_path, monkeypatch, runs):
    monkeypatch.chdir(runs)
    for path in (".", "./", f"../{HARD}", f"../link/../{HARD}/", "../link", "../link/", f"{runs}//"):
        assert open_run(path).status().state == "finished"


@pytest.mark.slow
def test_what_is_printed_to_be_pasted_is_whole(tmp_path, runs):
    shown = sqsq("status", str(runs), text=True)
    assert shown.returncode == 0, shown.stderr
    command = shown.stdout.splitlines()[-1].removeprefix("next: ")
    assert shlex.split(command) == ["sqsq", "evaluate", str(runs)]
    evaluated = subprocess.run(
        ["sh", "-c", command.replace("sqsq", f"{sys.executable} -m sqsq", 1)],
        capture_output=True,
        check=False,
    )
    assert evaluated.returncode == 0, evaluated.stderr
    cancelled = sqsq("cancel", str(runs), text=True)
    assert shlex.join(["sqsq", "resume", str(runs)]) in cancelled.stdout
    table = "".join(line.strip("│ ") for line in shown.stdout.splitlines())
    assert "[red]" in table
    again = sqsq("train-usps", "--data", "digits", "--run-dir", str(runs), text=True)
    assert again.stderr.endswith(f"go on with {shlex.join(['sqsq', 'resume', str(runs)])}\n")


def test_a_training_says_where_it_is(tmp_path):
    folder = tmp_path / HARD
    options = [f"--{name.replace('_', '-')}={value}" for name, value in SMALL.items()]
    done = sqsq("train-usps", *options, "--run-dir", folder, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"run directory: {shlex.quote(str(folder))}"


@pytest.mark.slow
def test_a_name_that_starts_with_a_dash(tmp_path):
    options = [f"--{name.replace('_', '-')}={value}" for name, value in SMALL.items()]
    done = sqsq("train-usps", *options, "--run-dir=-x", text=True, cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "run directory: ./-x"
    shown = sqsq("status", "--", "-x", text=True, cwd=tmp_path)
    assert shown.stdout.splitlines()[-1] == "next: sqsq evaluate ./-x"


def test_bytes_that_are_no_text(tmp_path):
    folder = os.fsencode(tmp_path / "run") + b"\xff"
    train_usps(run_dir=os.fsdecode(folder), **SMALL)
    shown = sqsq("status", folder)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.splitlines()[-1] == b"next: sqsq evaluate '" + folder + b"'"
    assert json.loads(sqsq("status", folder, "--json").stdout)["run_dir"] == os.fsdecode(folder)


@pytest.mark.matrix(keep=2)
@pytest.mark.parametrize("name", ["x" * 300, "x/" * 3000])
@pytest.mark.parametrize(
    "command", ["status", "cancel", "resume", "evaluate", "train-usps --data digits --resume --run-dir"]
)
def test_names_that_no_file_can_have(tmp_path, name, command):
    result = sqsq(*command.split(), str(tmp_path / name), text=True)
    assert result.returncode in (2, 4)
    assert "Traceback" not in result.stderr
    assert [line[:6] for line in result.stderr.splitlines() if "training  " not in line] == ["sqsq: "]
