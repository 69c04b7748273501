"""Whatever is typed ends in an exit code of its own and at most one line of complaint."""

from functools import cache

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqsq.cli.main import cli
from sqsq.data import load_dataset
from sqsq.models import MODELS
from tests.cli.in_process import run_command
from tests.property.effort import shared_by
from tests.property.refusals import EXIT_CODES, check_line

NUMBERS = (
    "-1",
    "0",
    "1",
    "2",
    "3",
    "2.5",
    "1e-9",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "1_0",
    "100000000000",
    "²",
    "",
)
WORDS = (
    "aer",
    "exact",
    "bogus",
    "ibm_",
    "fake_",
    "exact:",
    "auto",
    "none",
    "digits",
    "usps",
    "é",
    "a b",
    "\n",
    "-",
)
LISTS = (
    "1,7",
    "1",
    ",",
    "1,,7",
    "1,1",
    "-1,2",
    "x",
    "1,nan",
    "2.0",
    "3,1",
    "1e400,1",
    "99999999999999999999,1",
)
PATHS = ("", ".", "/", "/proc/1/mem", "/dev/null", "missing", "missing/file", "é", "a#b", "-")
WORKING = {
    "train": ["digits", "--iterations=1", "--batch-size=2", "--steps=2", "--test-size=2", "--m-syn=1"],
    "predict": ["missing", "missing.npz"],
    "train-usps": [
        "--data=digits",
        "--iterations=1",
        "--batch-size=2",
        "--steps=2",
        "--test-size=2",
        "--m-syn=1",
    ],
    "inspect": ["partial-swap", "--draws=1", "--steps=2"],
    "compile neuron": ["--steps=2"],
    "compile network": ["network.json"],
    "status": ["missing"],
    "resume": ["missing"],
    "cancel": ["missing"],
    "evaluate": ["missing"],
    "data list": [],
    "data fetch": ["digits"],
    "reproduce draw": ["missing.json"],
}
"""Arguments with which each command has little to do."""
SLOW = {"--workers", "--dask"}
"""Options that start processes or wait for others."""


@cache
def command_named(name):
    found = cli
    for part in name.split():
        found = found.get_command(click.Context(found), part)
    return found


def values_of(option):
    """What may be typed for an option: sensible, nearly so, and not at all."""
    if option.name == "model":
        return st.sampled_from([*MODELS, *WORDS])
    if isinstance(option.type, click.Choice):
        return st.sampled_from([*option.type.choices, *WORDS])
    if isinstance(option.type, click.Path):
        return st.sampled_from(PATHS)
    return st.one_of(
        st.sampled_from(NUMBERS), st.sampled_from(WORDS), st.sampled_from(LISTS), st.text(max_size=5)
    )


@st.composite
def command_lines(draw, name):
    typed = []
    options = [
        each
        for each in command_named(name).params
        if isinstance(each, click.Option) and not SLOW & set(each.opts)
    ]
    for option in draw(st.lists(st.sampled_from(options), max_size=3)) if options else []:
        flag = draw(st.sampled_from([*option.opts, *option.secondary_opts]))
        typed.append(flag if option.is_flag else f"{flag}={draw(values_of(option))}")
        if flag.startswith("-") and not flag.startswith("--") and not option.is_flag:
            typed[-1:] = [flag, draw(values_of(option))]
    if draw(st.integers(0, 9)) == 0:
        typed.append(
            draw(st.one_of(st.text(max_size=6), st.sampled_from(["--bogus", "--", "-x", "--steps"])))
        )
    return [*name.split(), *WORKING[name], *typed]


@pytest.fixture(autouse=True)
def here(tmp_path_factory, monkeypatch):
    """An empty working directory, and the data set read once."""
    folder = tmp_path_factory.mktemp("here")
    (folder / "network.json").write_text(
        '{"inputs": 1, "neurons": [{}], "edges": [{"from": 0, "to": 0, "weight": 1}], "outputs": [0], '
        '"spikes": [[1]]}'
    )
    monkeypatch.chdir(folder)
    monkeypatch.setattr("sqsq.runs.examples.load_dataset", cache(load_dataset))


@pytest.mark.parametrize("name", WORKING)
@shared_by(len(WORKING))
@given(data=st.data())
def test_any_command_line(name, data):
    said = run_command(*data.draw(command_lines(name)))
    assert said.code in EXIT_CODES
    if said.code:
        complaints = [line for line in said.err.splitlines() if line.startswith(("sqsq: ", "Error: "))]
        assert len(complaints) == 1, said.err
        check_line(complaints[0])
        assert said.err.rstrip("\n").split("\n")[-1] == complaints[0], said.err
