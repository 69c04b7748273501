"""Whatever is given for a setting becomes a plain value, or is refused in one line."""

import json
from dataclasses import fields, is_dataclass
from inspect import signature
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqsq import (
    Neuron,
    NoiseScale,
    Optimiser,
    Placement,
    Resources,
    RunSettings,
    Template,
    settings_with,
    train,
    train_usps,
)
from sqsq.engines import BackendChoice
from sqsq.errors import SqsqError, UsageError
from sqsq.estimation import Extrapolation, Mitigation
from sqsq.models import MODELS
from sqsq.redaction import without_secrets
from sqsq.reproduce import FigureOptions
from sqsq.reproduce.sensitivity import SensitivityOptions
from sqsq.runs import known_settings, usps_settings
from tests.property.effort import shared_by
from tests.property.odd_values import anything
from tests.property.refusals import taken_or_refused

PLAIN = (int, float, bool, str, type(None), type(Path()))


def groups_of(kind):
    """A dataclass of settings and those that it holds."""
    yield kind
    made = kind()
    for field in fields(kind):
        if is_dataclass(getattr(made, field.name)):
            yield from groups_of(type(getattr(made, field.name)))


SETTINGS = (RunSettings, *(model.settings for model in MODELS.values()))
KINDS = (
    *dict.fromkeys(group for kind in SETTINGS for group in groups_of(kind)),
    Optimiser,
    Neuron,
    Placement,
    NoiseScale,
    Extrapolation,
    Mitigation,
    FigureOptions,
    SensitivityOptions,
    Resources,
    BackendChoice,
)
REQUIRED = {BackendChoice: {"name": "aer"}}
"""What has no default."""
ALL_NAMES = list(dict.fromkeys(name for model in MODELS for name in known_settings(model)))
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


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


def given_settings(names):
    return st.dictionaries(st.sampled_from(list(names)), anything, min_size=1, max_size=3)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@shared_by(len(KINDS))
@given(data=st.data())
def test_values_are_plain_or_refused(kind, data):
    values = data.draw(given_settings([field.name for field in fields(kind)]))
    with taken_or_refused() as outcome:
        made = kind(**REQUIRED.get(kind, {}) | values)
    if outcome.refusal is None:
        check_plain(made)
        again = {field.name: getattr(made, field.name) for field in fields(kind)}
        assert made == kind(**again), "not the same again"
        hash(made)


def check_run_settings(made):
    """They are plain, the same by their names, and the same from JSON."""
    check_plain(made)
    hash(made)
    assert settings_with(made.model, made.values()) == made, "not the same again"
    text = json.dumps(made.to_json(), allow_nan=False)
    again = RunSettings.from_json(json.loads(text))
    assert again.to_json() == made.to_json()


@pytest.mark.parametrize("model", MODELS)
@shared_by(len(MODELS))
@given(data=st.data())
def test_settings_by_name(model, data):
    values = data.draw(given_settings(known_settings(model)))
    with taken_or_refused() as outcome:
        made = settings_with(model, values)
    if outcome.refusal is None:
        check_run_settings(made)


@pytest.mark.parametrize("model", MODELS)
@shared_by(len(MODELS))
@given(data=st.data())
def test_each_setting_alone(model, data):
    """A setting that is refused is no better where the rest is given as it is."""
    name = data.draw(st.sampled_from(list(known_settings(model))))
    value = data.draw(anything)
    with taken_or_refused() as outcome:
        made = settings_with(model, {name: value})
    with taken_or_refused() as changed:
        again = settings_with(model, {}).changed(**{name: value})
    assert (outcome.refusal is None) == (changed.refusal is None) or name == "model"
    if outcome.refusal is None:
        assert made == again


@given(given_settings([*known_settings("local"), "digits", "gradient"]))
def test_settings_of_the_preset(values):
    with taken_or_refused() as outcome:
        settings = usps_settings(values)
        made = settings_with(settings.pop("model", "local"), settings)
    if outcome.refusal is None:
        check_run_settings(made)


@pytest.mark.parametrize("model", MODELS)
@shared_by(len(MODELS))
@given(data=st.data())
def test_another_model(model, data):
    """What both models have is kept, but defaults."""
    values = data.draw(given_settings(known_settings(model)))
    values.pop("model", None)
    with taken_or_refused() as outcome:
        made = settings_with(model, values)
    if outcome.refusal is None:
        defaults = settings_with(model, {}).values()
        for other in MODELS:
            with taken_or_refused() as changed:
                found = made.changed(model=other)
            if changed.refusal is None:
                check_run_settings(found)
                for name, value in found.values().items():
                    if name != "model" and made.values().get(name) != defaults.get(name):
                        assert value == made.values()[name]


groups = st.sampled_from(["model", "seed", "data", "evaluation", "backend", "trainer", "ansatz_definition"])


@given(st.dictionaries(st.one_of(st.text(max_size=10), groups), json_values, max_size=4))
def test_settings_from_any_json(values):
    with taken_or_refused():
        check_plain(RunSettings.from_json(values))


@pytest.mark.parametrize("model", MODELS)
@shared_by(len(MODELS))
@given(data=st.data())
def test_settings_from_edited_json(model, data):
    """One value, somewhere in what was stored, is another, goes missing, or has another name."""
    stored = json.loads(json.dumps(settings_with(model, {}).to_json()))
    place = stored
    while True:
        name = data.draw(st.sampled_from(sorted(place)))
        if not isinstance(place[name], dict) or data.draw(st.booleans()):
            break
        place = place[name]
    value = place.pop(name)
    what = data.draw(st.sampled_from(["other", "missing", "renamed"]))
    if what == "other":
        place[name] = data.draw(json_values)
    elif what == "renamed":
        place[data.draw(st.text(max_size=5))] = value
    with taken_or_refused() as outcome:
        made = RunSettings.from_json(stored)
    if outcome.refusal is None:
        check_run_settings(made)


@pytest.mark.parametrize("values", [None, 5, "steps", [], [["steps", 5]], True])
def test_settings_from_json_that_is_no_object(values):
    with pytest.raises(SqsqError):
        RunSettings.from_json(values)


@pytest.mark.parametrize("values", [None, 5, "steps", [["steps", 5]], True])
def test_changes_that_are_no_names_and_values(values):
    with pytest.raises(UsageError, match="must be names and values"):
        settings_with("local", values)


@given(steps=anything, io_qubits=anything)
def test_templates(steps, io_qubits):
    with taken_or_refused() as outcome:
        made = Template(Neuron(io_qubits), steps)
    if outcome.refusal is None:
        check_plain(made)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("function", [train_usps, train])
@shared_by(2 * len(MODELS))
@given(name=st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=10), value=anything)
def test_unknown_settings_are_named(function, model, name, value):
    arguments = {*signature(train).parameters, *signature(train_usps).parameters}
    hidden = without_secrets(name) != name  # what begins like a token is not repeated
    if not hidden and name not in {*ALL_NAMES, *arguments, "digits", "gradient"}:
        with pytest.raises(UsageError, match=f"unknown setting .{name}."):
            function(model=model, **{name: value})


@pytest.mark.parametrize("model", MODELS)
def test_settings_of_other_models_are_named(model):
    known = known_settings(model)
    for name in ALL_NAMES:
        if name not in known:
            with pytest.raises(UsageError, match=f"model {model} has no {name.replace('_', '-')}: that is a"):
                settings_with(model, {name: 1})
