"""Settings in groups: each is found by one name, wherever it stands."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar

import pytest

from sqsq.checks import (
    Says,
    Within,
    from_nested_json,
    make_plain,
    moved_into,
    nested_json,
    settings_in,
    value_of,
    with_values,
)
from sqsq.errors import UsageError


@dataclass(frozen=True)
class Inner:
    section: ClassVar[str] = "Inside"
    size: Annotated[int, Within(1), Says("How many.", name="count")] = 1
    folder: Annotated[Path | None, Says("Where.")] = None
    own: int = 7

    def __post_init__(self):
        make_plain(self)


@dataclass(frozen=True)
class Outer:
    section: ClassVar[str] = "Outside"
    rate: Annotated[float, Says("How fast.")] = 0.5
    widths: Annotated[tuple[int, ...], Says("How wide.")] = (1, 2)
    inner: Inner = field(default_factory=Inner)

    def __post_init__(self):
        make_plain(self)


KNOWN = settings_in(Outer)


def test_names_paths_and_sections():
    found = {name: (setting.path, setting.section) for name, setting in KNOWN.items()}
    assert found == {
        "rate": (("rate",), "Outside"),
        "widths": (("widths",), "Outside"),
        "count": (("inner", "size"), "Inside"),
        "folder": (("inner", "folder"), "Inside"),
    }


def test_changes_arrive_where_they_belong():
    changed = with_values(Outer(), {"count": 2, "rate": 3})
    assert changed == Outer(3.0, inner=Inner(2))
    assert value_of(changed, KNOWN["count"]) == 2
    assert with_values(changed, {}) is changed


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"cuont": 2},
            r"unknown setting 'cuont' \(did you mean count\?\): settings are rate, widths",
        ),
        ({"size": 2}, "unknown setting 'size'"),
        ({"own": 2}, "unknown setting 'own'"),
        ({"inner": Inner()}, "unknown setting 'inner'"),
        ({"rate": None}, "rate is None: must be a finite number"),
    ],
)
def test_changes_that_are_refused(changes, words):
    with pytest.raises(UsageError, match=words):
        with_values(Outer(), changes)


def test_json_there_and_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = Outer(0.25, (3,), Inner(4, Path("here")))
    stored = nested_json(settings)
    assert stored == {
        "rate": 0.25,
        "widths": [3],
        "inner": {"size": 4, "folder": str(tmp_path / "here")},
    }
    assert from_nested_json(Outer(), stored) == Outer(0.25, (3,), Inner(4, tmp_path / "here"))
    assert from_nested_json(settings, {"inner": {"size": 5}}) == Outer(0.25, (3,), Inner(5, Path("here")))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (5, "settings are 5: must be names and values"),
        ({"inner": 5}, "settings inner are 5: must be names and values"),
        ({"inner": {"count": 2}}, "unknown setting 'inner.count'"),
        ({"count": 2}, "unknown setting 'count'"),
    ],
)
def test_json_that_is_refused(values, words):
    with pytest.raises(UsageError, match=words):
        from_nested_json(Outer(), values)


def test_a_group_that_is_the_value_of_a_field():
    moved = moved_into("trainer", settings_in(Inner))
    assert moved["count"].path == ("trainer", "size")
