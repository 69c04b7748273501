"""Whatever is given for a setting becomes a plain value, or is refused in one line."""

import json
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqsq import (
    Execution,
    LocalRuleSettings,
    Neuron,
    NoiseScale,
    Optimiser,
    Placement,
    ReservoirSettings,
    Template,
    TrainUspsSettings,
    train_reservoir,
    train_usps,
)
from sqsq.engines import BackendChoice
from sqsq.errors import SqsqError, UsageError
from sqsq.estimation import Extrapolation, Mitigation
from sqsq.reproduce import FigureOptions
from sqsq.reproduce.sensitivity import SensitivityOptions
from tests.property.effort import shared_by
from tests.property.odd_values import anything
from tests.property.refusals import taken_or_refused
from tests.runs_for_tests import usps

PLAIN = (int, float, bool, str, type(None), type(Path()))
KINDS = (
    TrainUspsSettings,
    ReservoirSettings,
    LocalRuleSettings,
    Optimiser,
    Neuron,
    Placement,
    NoiseScale,
    Extrapolation,
    Mitigation,
    FigureOptions,
    SensitivityOptions,
    Execution,
    BackendChoice,
)
REQUIRED = {BackendChoice: {"name": "aer"}}
"""What has no default."""


def check_plain(value):
    """Only Python's own values, and dataclasses of them: nothing that JSON or a comparison trips over."""
    if is_dataclass(value):
        for field in fields(value):
            check_plain(getattr(value, field.name))
    elif type(value) is tuple:
        for each in value:
            check_plain(each)
    else:
        assert type(value) in PLAIN, type(value)


def given_settings(kind):
    names = [field.name for field in fields(kind)]
    return st.dictionaries(st.sampled_from(names), anything, min_size=1, max_size=3)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@shared_by(len(KINDS))
@given(data=st.data())
def test_values_are_plain_or_refused(kind, data):
    values = data.draw(given_settings(kind))
    with taken_or_refused() as outcome:
        made = kind(**REQUIRED.get(kind, {}) | values)
    if outcome.refusal is None:
        check_plain(made)
        again = {field.name: getattr(made, field.name) for field in fields(kind)}
        assert made == kind(**again), "not the same again"
        hash(made)


@given(given_settings(TrainUspsSettings))
def test_settings_survive_json(values):
    with taken_or_refused() as outcome:
        made = usps(**values)
    if outcome.refusal is None:
        text = json.dumps(made.to_json(), allow_nan=False)
        again = RunSettings.from_json(json.loads(text))
        assert again.to_json() == made.to_json()


@given(given_settings(ReservoirSettings))
def test_reservoir_settings_survive_json(values):
    with taken_or_refused() as outcome:
        made = ReservoirSettings(**values)
    if outcome.refusal is None:
        json.dumps(made.to_json(), allow_nan=False)


@given(
    st.dictionaries(
        st.one_of(st.text(max_size=10), st.sampled_from([field.name for field in fields(TrainUspsSettings)])),
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
            ),
            max_leaves=5,
        ),
        max_size=4,
    )
)
def test_settings_from_any_json(values):
    with taken_or_refused():
        check_plain(RunSettings.from_json(values))


@pytest.mark.parametrize("values", [None, 5, "steps", [], [["steps", 5]], True])
def test_settings_from_json_that_is_no_object(values):
    with pytest.raises(SqsqError):
        RunSettings.from_json(values)


@given(steps=anything, io_qubits=anything)
def test_templates(steps, io_qubits):
    with taken_or_refused() as outcome:
        made = Template(Neuron(io_qubits), steps)
    if outcome.refusal is None:
        check_plain(made)


@pytest.mark.parametrize("train", [train_usps, train_reservoir])
@shared_by(2)
@given(name=st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=10), value=anything)
def test_unknown_settings_are_named(train, name, value):
    kind = TrainUspsSettings if train is train_usps else ReservoirSettings
    known = {field.name for field in fields(kind)} | {
        *("settings", "run_dir", "resume", "execution", "on_iteration", "on_wait", "on_note", "progress")
    }
    if name not in known:
        with pytest.raises(UsageError, match=f"unknown setting .{name}."):
            train(**{name: value})
