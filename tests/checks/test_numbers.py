"""Single numbers and names: what passes becomes a plain Python value."""

from fractions import Fraction

import numpy as np
import pytest

from sqsq.checks import choice, positive_number, real_number, shown, whole_number, whole_numbers
from sqsq.errors import UsageError


@pytest.mark.parametrize("value", [3, np.int8(3), np.uint64(3), np.array(3)[()]])
def test_whole_numbers_of_python_and_numpy(value):
    assert whole_number(value, "n", 3, 3) == 3
    assert type(whole_number(value, "n")) is int


@pytest.mark.parametrize("value", [True, np.True_, 3.0, np.float32(3), "3", None, 3j, [3], np.nan])
def test_what_is_no_whole_number(value):
    with pytest.raises(UsageError, match=r"^n is .*: must be a whole number$"):
        whole_number(value, "n")


def test_bounds_are_named():
    with pytest.raises(UsageError, match=r"^n is 0: at least 1$"):
        whole_number(0, "n", 1)
    with pytest.raises(UsageError, match=r"^n is 8: must be 1 to 7$"):
        whole_number(8, "n", 1, 7)
    with pytest.raises(UsageError, match=r"^x is 8.0: at most 7$"):
        real_number(8, "x", high=7)


@pytest.mark.parametrize("value", [0.5, np.float16(0.5), np.longdouble(0.5), Fraction(1, 2)])
def test_real_numbers_of_python_and_numpy(value):
    for found in (real_number(value, "x"), positive_number(value, "x")):
        assert found == 0.5
        assert type(found) is float


@pytest.mark.parametrize("value", [True, np.nan, np.inf, 10**400, "0.5", 0.5j, None, np.array([0.5])])
def test_what_is_no_real_number(value):
    with pytest.raises(UsageError, match=r"^x is .*: must be a finite number$"):
        real_number(value, "x")
    with pytest.raises(UsageError, match=r"^x is .*: must be a positive number$"):
        positive_number(value, "x")


def test_sequences_of_whole_numbers():
    assert whole_numbers(np.array([1, 7], np.uint8), "digits") == (1, 7)
    for value, message in (
        (5, "digits are 5"),
        (np.array(5), "digits are"),
        ("17", "one of the digits is '1'"),
    ):
        with pytest.raises(UsageError, match=message):
            whole_numbers(value, "digits")


@pytest.mark.parametrize("value", ["b", None, ["a"], np.array(["a", "b"])])
def test_choices(value):
    choice("a", "letter", ("a",))
    with pytest.raises(UsageError, match=r"^unknown letter .*: choose from a, c$"):
        choice(value, "letter", ("a", "c"))


def test_what_is_shown_is_one_line_and_short():
    assert shown(np.zeros((3, 3))).count("\n") == 0
    assert len(shown("x" * 1000)) < 130
