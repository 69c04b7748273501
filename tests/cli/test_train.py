"""``sqsq train`` and ``sqsq predict``."""

import json
import re
import shlex

import click
import numpy as np
import pytest

from sqsq.cli.main import cli
from tests.cli.in_process import sqsq_command
from tests.runs.test_own_training import X, Y

SMALL = ("--backend", "exact", "--steps", "3", "--iterations", "2")


@pytest.fixture
def folder(tmp_path):
    np.savez(tmp_path / "data.npz", x=X, y=Y)
    np.savez(tmp_path / "few.npz", x=X[:3])
    np.save(tmp_path / "few.npy", X[:3])
    return tmp_path


def test_train_and_predict(folder):
    trained = sqsq_command("train", "data.npz", *SMALL, "--run-dir", "run", "--json", cwd=folder)
    assert trained.returncode == 0, trained.stderr
    assert json.loads(trained.stdout)["images"] == 24
    found = sqsq_command("predict", "run", "few.npz", "--json", cwd=folder)
    values = json.loads(found.stdout)
    assert set(values["classes"]) <= {"left", "right"}
    assert np.shape(values["probabilities"]) == (3, 2)
    lines = sqsq_command("predict", "run", "few.npy", cwd=folder).stdout.splitlines()
    assert [line.split("\t")[0] for line in lines] == ["0", "1", "2"]
    assert [line.split("\t")[1] for line in lines] == values["classes"]
    again = sqsq_command("train", "data.npz", *SMALL, "--run-dir", "run", "--resume", cwd=folder)
    assert again.returncode == 0, again.stderr


def test_two_runs_in_one_second(folder, monkeypatch):
    monkeypatch.setattr("time.strftime", lambda form, *_: form.replace("%Y%m%d-%H%M%S", "then"))
    for _ in range(2):
        assert sqsq_command("train", "data.npz", *SMALL, cwd=folder).returncode == 0
    assert sorted(path.name for path in (folder / "runs").iterdir()) == ["train-then", "train-then-2"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["train", "digitz"], 2, "unknown data set 'digitz' (did you mean digits?)"),
        (["train", "none.npz"], 4, "no data file"),
        (["train", "few.npz"], 4, "holds no array y"),
        (["train", "data.npz", "--classes", "left,rigth"], 4, "no class 'rigth' (did you mean right?)"),
        (["train", "data.npz", "--encoder", "direct"], 4, "data.npz: x"),
        (["train", "data.npz", "--ansatz", "partial-swop"], 2, "(did you mean partial-swap?)"),
        (["predict", "run", "few.npz"], 4, "not a run directory"),
    ],
)
def test_bad_input_is_one_line_and_a_code(folder, arguments, code, message):
    result = sqsq_command(*arguments, cwd=folder)
    assert result.returncode == code, result.stderr
    assert message in result.stderr
    assert not (folder / "runs").exists()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.npy", None, "no data file"),
        ("bad.npy", b"?", "is damaged, or no .npy or .npz file"),
        ("data.npz", None, None),
    ],
)
def test_examples_to_predict(folder, name, content, message):
    assert sqsq_command("train", "data.npz", *SMALL, "--run-dir", "run", cwd=folder).returncode == 0
    if content is not None:
        (folder / name).write_bytes(content)
    result = sqsq_command("predict", "run", name, cwd=folder)
    assert result.returncode == (0 if message is None else 4)
    assert message is None or message in result.stderr


@pytest.mark.parametrize("name", ["train", "train-usps"])
def test_help_has_sections_and_examples_that_work(name):
    command = cli.get_command(None, name)
    words = sqsq_command(name, "--help").stdout
    for title in ("Data:", "Network:", "Local rule:", "Mitigation:", "Backend:", "Run:", "Examples:"):
        assert f"\n{title}\n" in words
    for option in command.params:
        if isinstance(option, click.Option):
            assert len(re.findall(rf"^  {option.opts[0]}[ ,\n]", words, re.MULTILINE)) == 1, option.opts
    for line in command.examples:
        assert f"  {line}\n" in words
        program, called, *arguments = shlex.split(line)
        assert (program, called) == ("sqsq", name)
        command.make_context(name, arguments)
