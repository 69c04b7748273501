"""Settings: what is taken for what it means, and what is refused."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pytest

from sqsq import LocalRuleSettings, settings_with, train_usps
from sqsq.checks import Within, make_plain, shown
from sqsq.errors import UsageError, printable
from tests.runs_for_tests import usps


@dataclass(frozen=True)
class Kinds:
    count: Annotated[int, Within(0, 10)] = 1
    rate: Annotated[float, Within(positive=True)] = 0.5
    flag: bool = False
    name: str = "aer"
    widths: tuple[int, ...] = ()
    folder: Path | None = None
    mode: Literal["a", "b"] = "a"
    pack: Literal["auto"] | int = "auto"

    def __post_init__(self):
        make_plain(self)


@pytest.mark.parametrize(
    ("name", "value", "plain"),
    [
        ("count", np.int8(3), 3),
        ("count", np.array(3), 3),
        ("rate", 2, 2.0),
        ("rate", np.float16(0.5), 0.5),
        ("rate", Fraction(1, 4), 0.25),
        ("flag", np.True_, True),
        ("name", np.str_("exact"), "exact"),
        ("widths", [1, 2], (1, 2)),
        ("widths", np.array([1, 2]), (1, 2)),
        ("widths", range(2), (0, 1)),
        ("widths", 3, (3,)),
        ("folder", "here", Path("here")),
        ("folder", None, None),
        ("mode", np.str_("b"), "b"),
        ("pack", np.int64(2), 2),
    ],
)
def test_values_become_plain(name, value, plain):
    found = getattr(Kinds(**{name: value}), name)
    assert found == plain
    assert type(found) is type(plain)
    if isinstance(plain, tuple):
        assert all(type(each) is int for each in found)


class Bad:
    def __repr__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("count", 2.5, "count is 2.5: must be a whole number, at least 0, at most 10"),
        ("count", True, "count is True: must be a whole number"),
        ("count", "3", "count is '3': must be a whole number"),
        ("count", None, "count is None: must be a whole number"),
        ("count", -1, "count is -1: at least 0"),
        ("count", 11, "count is 11: at most 10"),
        ("count", 2**1000 - 1, "count is a whole number of 1,000 bits: at most 10"),
        ("rate", float("nan"), "rate is nan: must be a positive number"),
        ("rate", 0, "rate is 0: must be a positive number"),
        ("rate", 10**400, "must be a positive number"),
        ("rate", 1j, "rate is 1j: must be a positive number"),
        ("flag", 1, "flag is 1: must be true or false"),
        ("name", b"aer", "name is b'aer': must be text"),
        ("name", Bad(), "name is a Bad: must be text"),
        ("widths", "1,2", "widths is '1,2': must be a list, each of it a whole number"),
        ("widths", {1, 2}, "must be a list"),
        ("widths", [1, None], "widths[1] is None: must be a whole number"),
        ("widths", np.zeros((2, 2)), "must be a list"),
        ("folder", "", "folder is '': must be a path"),
        ("folder", "a\0b", "must be a path"),
        ("folder", 3, "folder is 3: must be a path"),
        ("mode", "c", "unknown mode 'c': choose from a, b"),
        ("mode", 1, "unknown mode 1: choose from a, b"),
        ("pack", "of", "pack is 'of': must be auto or a whole number"),
        ("pack", True, "pack is True: must be auto or a whole number"),
    ],
)
def test_other_values_are_refused(name, value, words):
    with pytest.raises(UsageError) as refused:
        Kinds(**{name: value})
    assert words in str(refused.value)


class AerSimulator:
    def __repr__(self):
        return "AerSimulator(\n'aer_simulator')"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"settings": 5}, "settings are 5: must be RunSettings"),
        ({"settings": LocalRuleSettings()}, "must be RunSettings"),
        ({"run_dir": 5}, "run-dir is 5: must be a path"),
        ({"run_dir": ""}, "run-dir is '': must be a path"),
        ({"resources": "fast"}, "resources is 'fast': must be a Resources"),
        (
            {"backend": AerSimulator()},
            "backend is AerSimulator( 'aer_simulator'): must be a name, an engine, a Qiskit BackendV2",
        ),
        ({"seed": None}, "seed is None: must be a whole number, at least 0"),
        ({"steps": 2**70}, "steps is 1180591620717411303424: at most 10,000"),
        ({"hidden": (9_999, 9_999)}, "layers of 19,998 neurons in all: at most 10,000"),
        (
            {"m_syn": 1_000_000},
            "an iteration would take 40,000,020 evaluations of a layer: at most 10,000,000",
        ),
        ({"m_p": 10_000_000}, "an iteration would measure 22,000,000,000 spikes of a layer: at most"),
        ({"iterations": 10**7}, "iterations is 10000000: at most 1,000,000"),
    ],
)
def test_settings_that_cannot_be_right(arguments, words):
    with pytest.raises(UsageError) as refused:
        train_usps(**arguments)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hidden": (9_999,)}, "layers of 10,001 neurons in all: at most 10,000"),
        ({"m_syn": 200_000}, "an iteration would take 16,000,040 evaluations of a layer: at most"),
        ({"m_p": 3_000_000}, "an iteration would measure 13,200,000,000 spikes of a layer: at most"),
    ],
)
def test_settings_that_are_too_much_for_these_classes(tmp_path, changes, words):
    """They would do for a single neuron."""
    settings = usps(data="digits", **changes)
    with pytest.raises(UsageError, match=words):
        train_usps(settings, run_dir=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_single_number_is_a_layer():
    assert usps(hidden=3).trainer.network.hidden == (3,)
    assert settings_with("reservoir", {"hidden": np.int64(3)}).trainer.network.hidden == (3,)


def test_values_are_shown_on_one_line():
    assert shown("a\nb") == r"'a\nb'"
    assert shown(np.arange(4).reshape(2, 2)) == "array([[0, 1], [2, 3]])"
    assert len(shown("x" * 1000)) < 130
    assert printable("a\nb\x1b[31m\ud800") == r"a b\x1b[31m\ud800"
