"""Reporting commands on terminals that are narrow, dumb or know few characters, and with odd names."""

import os
import subprocess
import sys

import pytest
from rich.table import Table

from sqsq import train_usps
from sqsq.cli import terminal
from tests.cli.in_process import run_command
from tests.cli.test_command import sqsq_process

TERMINALS = {
    "ascii": ("ascii", {}),
    "latin": ("latin-1", {}),
    "dumb": ("utf-8", {"TERM": "dumb"}),
    "narrow": ("utf-8", {"COLUMNS": "20"}),
    "all": ("ascii", {"TERM": "dumb", "COLUMNS": "20"}),
}
"""The encoding of the streams, and variables."""
NAME = "[/red] :x: é"
"""A run directory whose name is markup of Rich, with a character that ASCII lacks."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("terminals")
    train_usps(
        backend="exact",
        data="digits",
        steps=2,
        iterations=1,
        batch_size=2,
        test_size=2,
        run_dir=folder / NAME,
    )
    return folder


COMMANDS = {
    "data": (["data", "list"], "usps-libsvm-rebuilt"),
    "backends": (["backends"], "fake_johannesburg"),
    "inspect": (["inspect", "partial-swap", "--draws", "1", "--steps", "2"], "Hankel"),
    "status": (["status", NAME], "[/red] :x:"),
    "dry run": (
        ["train-usps", "--dry-run", "--data", "digits", "--backend", "exact:fake_brisbane", "--steps", "2"],
        "parity",
    ),
    "training": (
        ["train-usps", "--data", "digits", "--iterations", "1", "--batch-size", "2", "--test-size", "2"],
        "single-shot",
    ),
    "evaluation": (["evaluate", NAME], "single-shot"),
}


@pytest.mark.matrix(keep=10)
@pytest.mark.parametrize("kind", TERMINALS)
@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_is_lost(folder, monkeypatch, kind, name):
    encoding, variables = TERMINALS[kind]
    monkeypatch.chdir(folder)
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    arguments, word = COMMANDS[name]
    monkeypatch.setattr("sqsq.cli.backends.fake_names", lambda: ["fake_brisbane", "fake_johannesburg"])
    if name == "training":
        arguments = [*arguments, "--run-dir", f"{kind} run"]
    said = run_command(*arguments, encoding=encoding)
    assert said.code == 0, said.err
    out = said.out.decode(encoding, "backslashreplace")  # a path has the bytes that it has
    assert word in out, out
    assert "…" not in out
    assert r"\u2026" not in out


def test_a_process_of_its_own():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C", "TERM": "dumb", "COLUMNS": "20"}
    result = sqsq_process("data", "list", env=environment)
    assert result.returncode == 0, result.stderr
    assert "usps-libsvm-rebuilt" in result.stdout


def test_tables_are_as_wide_as_their_words(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "20")
    table = Table(title="[bold]")
    for heading in ("one", "two", "three"):
        table.add_column(heading)
    words = [
        "/a/path/that/is/longer/than/the/terminal",
        "[/]",
        "an_even_longer_name_in_the_third_of_the_columns",
    ]
    table.add_row(*words)
    terminal.print_table(table)
    printed = capsys.readouterr().out
    assert all(word in printed for word in (*words, "[bold]"))


def test_lines_are_not_broken(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "20")
    terminal.print_line("a line [x] longer than the terminal is wide, in one piece")
    assert capsys.readouterr().out.count("\n") == 1


def test_readers_that_have_seen_enough():
    """Output into a closed pipe ends without a word."""
    command = f"{sys.executable} -m sqsq data list | true"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert result.stderr == ""
