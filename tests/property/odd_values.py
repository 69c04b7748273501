"""What people and programs hand over where a number, a name or a list is wanted."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath

import numpy as np
from hypothesis import strategies as st


class BackendLike:
    """Stands for a Qiskit backend: an object where a name is wanted."""

    def __repr__(self):
        return "AerSimulator(\n'aer_simulator')"


class Unprintable:
    """Cannot even be shown."""

    def __repr__(self):
        raise RuntimeError("no repr")


NUMPY_NUMBERS = (np.int8, np.uint8, np.int32, np.int64, np.uint64, np.float16, np.float32, np.float64)
numbers = st.one_of(
    st.integers(-3, 20),
    st.integers(),
    st.sampled_from([2**31, 2**63 - 1, 2**63, 2**70, -(2**70), 10**5000]),
    st.floats(),
    st.floats(0, 10),
    st.floats(0, 10).map(np.float64),
    st.builds(lambda kind, value: kind(value), st.sampled_from(NUMPY_NUMBERS), st.integers(0, 100)),
    st.sampled_from(
        [np.float32("nan"), np.float64("inf"), np.longdouble("1e400"), np.array(3), np.array(0.5)]
    ),
)
words = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["", "aer", "exact", "digits", "5", "auto", "none", "\n", "\0", "\ud800", "naïve", "ibm_", "fake_"]
    ),
    st.text(max_size=4).map(np.str_),
)
others = st.one_of(
    st.none(),
    st.booleans(),
    st.booleans().map(np.bool_),
    st.binary(max_size=4),
    st.complex_numbers(),
    st.sampled_from([Decimal("0.5"), Decimal("NaN"), Fraction(1, 2), Path("folder"), PurePosixPath("a/b")]),
    st.sampled_from([object(), int, len, BackendLike(), Unprintable(), np.datetime64("NaT"), Ellipsis]),
)
single = st.one_of(numbers, words, others)
several = st.one_of(
    st.lists(single, max_size=3),
    st.lists(st.integers(-1, 9), max_size=3),
    st.lists(st.integers(-1, 9), max_size=3).map(tuple),
    st.lists(st.integers(0, 9), max_size=3).map(np.array),
    st.lists(st.floats(), max_size=3).map(np.array),
    st.lists(st.floats(1, 9), min_size=1, max_size=3).map(tuple),
    st.lists(words, max_size=2),
    st.sets(st.integers(0, 3)),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
    st.integers(0, 3).map(range),
    st.just(np.zeros((2, 2))),
    st.builds(iter, st.lists(st.integers(), max_size=2)),
)
anything = st.one_of(single, several)
