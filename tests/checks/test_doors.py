"""Every public door that takes arrays: what is odd but right works, what is wrong is one line."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sqsq.errors import SqsqError, UsageError
from tests.checks.doors import ARGUMENTS, call, ids

FLOATS = (np.float64, np.float32, np.float16, np.longdouble, ">f8", ">f4", "<f8")
INTEGERS = (np.uint8, np.int8, np.int64, np.uint64, ">i4", ">u2")
KINDS_OF_INTEGERS = ("spikes", "classes", "present classes", "whole", "delays", "mask")


def unaligned(good):
    buffer = bytearray(good.nbytes + 1)
    moved = np.frombuffer(buffer, good.dtype, good.size, offset=1).reshape(good.shape)
    moved[...] = good
    return moved


def reversed_twice(good):
    return good[(slice(None, None, -1),) * good.ndim].copy()[(slice(None, None, -1),) * good.ndim]


def every_second(good):
    return np.repeat(good, 2, axis=-1)[..., ::2]


def read_only(good):
    frozen = good.copy()
    frozen.setflags(write=False)
    return frozen


LAYOUTS = {
    "list": lambda good: good.tolist(),
    "nested tuple": lambda good: tuple(good.tolist()),
    "Fortran": np.asfortranarray,
    "negative strides": reversed_twice,
    "strided": every_second,
    "read-only": read_only,
    "unaligned": unaligned,
    "masked without masked entries": np.ma.array,
    "matrix's parent": lambda good: good.view(type("Own", (np.ndarray,), {})),
}


@pytest.mark.matrix(keep=12)
@pytest.mark.parametrize(("door", "key"), ARGUMENTS, ids=ids)
def test_odd_but_right_arrays_give_the_plain_result(door, key):
    argument = door.arguments[key]
    plain = call(door)
    odd = {name: change(argument.good) for name, change in LAYOUTS.items()}
    dtypes = [*FLOATS, *INTEGERS] if argument.kind in KINDS_OF_INTEGERS else FLOATS
    if argument.kind == "delays":
        dtypes = [dtype for dtype in dtypes if np.dtype(dtype).kind != "u"]
    if argument.kind in ("spikes", "mask", "classes", "present classes"):
        dtypes = [*dtypes, bool]
    odd |= {f"{np.dtype(dtype)} {dtype}": argument.good.astype(dtype) for dtype in dtypes}
    for name, array in odd.items():
        found = call(door, **{key: array})
        assert all(np.array_equal(a, b) for a, b in zip(found, plain, strict=True)), name
        assert [a.dtype for a in found] == [a.dtype for a in plain], name


FLAT = [(door, key) for door, key in ARGUMENTS if door.arguments[key].good.ndim <= 2]


@pytest.mark.parametrize(("door", "key"), FLAT, ids=[f"{door.name}-{key}" for door, key in FLAT])
def test_data_frames_and_series_are_arrays(door, key):
    pandas = pytest.importorskip("pandas")
    good = door.arguments[key].good
    frame = pandas.Series(good) if good.ndim == 1 else pandas.DataFrame(good)
    for a, b in zip(call(door, **{key: frame}), call(door), strict=True):
        assert np.array_equal(a, b)


def changed(good, value):
    """The array with its last entry changed, and the place of that entry as an error names it."""
    dtype = np.result_type(good.dtype, np.min_scalar_type(value))
    array = good.astype(dtype if np.issubdtype(dtype, np.inexact) or value == int(value) else float)
    array[(-1,) * array.ndim] = value
    return array, f"[{', '.join(str(size - 1) for size in array.shape)}] is "


WRONG_VALUES = {
    "real": ([np.nan, np.inf, -np.inf], "must be"),
    "any": ([np.nan, np.inf, 1e308], "must be"),
    "probability": ([np.nan, np.inf, 255.0, -0.125], "must be 0 to 1"),
    "spikes": ([np.nan, -1, 2, 300, 0.7], "must be 0 or 1"),
    "mask": ([np.nan, -1, 2, 0.5], "must be 0 or 1"),
    "classes": ([np.nan, -1, 2, 7, 0.5], "must be a whole number"),
    "present classes": ([np.nan, -1, 0.5], "(number the classes 0, 1, ... with choose_digits or"),
    "whole": ([np.nan, np.inf, -1, 0.5, 1e300], "must be a whole number, at least 0"),
    "delays": ([np.nan, -2, 2, 300, 0.5], "must be a whole number from -1 to 1 (-1 no edge"),
}


@pytest.mark.parametrize(("door", "key"), ARGUMENTS, ids=ids)
def test_wrong_values_are_named_with_their_place(door, key):
    argument = door.arguments[key]
    values, allowed = WRONG_VALUES[argument.kind]
    for value in values:
        array, place = changed(argument.good, value)
        message = refusal(door, key, array)
        assert message.startswith(f"{argument.called}{place}"), message
        assert allowed in message


WITH_LEADING_AXES = (("read_out_features", "spikes"), ("ReadOut", "spikes"), ("input_currents", "spikes"))
SHAPED = [(door, key) for door, key in ARGUMENTS if door.arguments[key].kind != "any"]


@pytest.mark.parametrize(("door", "key"), SHAPED, ids=[f"{door.name}-{key}" for door, key in SHAPED])
def test_wrong_shapes_are_named(door, key):
    argument = door.arguments[key]
    wrong = [argument.good[..., None], argument.good[0, ...], np.zeros((0, 0, 0, 0, 0, 0, 0))]
    for array in [argument.good.ravel()] if (door.name, key) in WITH_LEADING_AXES else wrong:
        message = refusal(door, key, array)
        assert "shape" in message, message
        assert str(array.shape) in message or door.name in ("Hits", "ExactProbabilities"), message


@pytest.mark.parametrize(("door", "key"), ARGUMENTS, ids=ids)
def test_what_is_no_array_of_real_numbers_is_refused(door, key):
    argument = door.arguments[key]
    good, called = argument.good, argument.called
    verb = "have" if called.split()[0].endswith("s") else "has"
    assert f"{called} {verb} entries of dtype object" in refusal(door, key, {1.0: 0})
    assert f"{called} {verb} entries of dtype object" in refusal(door, key, good.astype(object))
    assert f"{called} {verb} entries of dtype <U" in refusal(door, key, good.astype(str))
    assert f"{called} {verb} entries of dtype |S" in refusal(door, key, good.astype("S4"))
    assert f"{called} {verb} entries of dtype complex128" in refusal(door, key, good + 0j)
    assert f"{called} {verb} entries of dtype datetime64" in refusal(door, key, good.astype("M8[s]"))
    assert f"{called} {verb} no shape of an array of numbers" in refusal(door, key, [[1.0], [1.0, 0.0]])
    mask = np.zeros(good.shape, bool)
    mask[(-1,) * good.ndim] = True
    message = refusal(door, key, np.ma.array(good, mask=mask))
    place = ", ".join(str(size - 1) for size in good.shape)
    assert message.startswith(f"{called}[{place}] is masked: ")


@pytest.mark.parametrize(("door", "key"), ARGUMENTS, ids=ids)
def test_sparse_matrices_are_refused_with_the_remedy(door, key):
    sparse = pytest.importorskip("scipy.sparse")
    argument = door.arguments[key]
    flat = argument.good.reshape(len(argument.good), -1)
    for kind in (sparse.csr_matrix, sparse.coo_array):
        message = refusal(door, key, kind(flat.astype(float)))
        assert "a sparse type" in message
        assert ".toarray()" in message


def refusal(door, key, value):
    """The one line with which a door refuses."""
    with pytest.raises(UsageError) as caught:
        call(door, **{key: value})
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 500
    return message


DTYPES = st.sampled_from(
    ["f2", "f4", ">f8", "f8", "g", "i1", "u1", ">i2", "i8", "u8", "?", "O", "U2", "S1", "c8", "M8[s]"]
)
SHAPES = arrays.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=3)


@st.composite
def questions(draw):
    """A door, one of its arguments, and any array at all in its place."""
    door, key = draw(st.sampled_from(ARGUMENTS))
    good = door.arguments[key].good
    shape = draw(st.one_of(st.just(good.shape), SHAPES))
    dtype = np.dtype(draw(DTYPES))
    if dtype.kind == "O":
        return door, key, np.full(shape, draw(st.one_of(st.none(), st.integers(), st.text(max_size=3))))
    if draw(st.booleans()) and dtype.kind in "fiu" and shape == good.shape:
        value = draw(arrays.from_dtype(dtype))
        array = good.astype(dtype)
        array[(-1,) * array.ndim] = value
        return door, key, array
    return door, key, draw(arrays.arrays(dtype, shape))


def answers_or_refuses(question):
    door, key, array = question
    try:
        with np.errstate(all="ignore"):
            call(door, **{key: array})
    except SqsqError as error:
        assert "\n" not in str(error)  # noqa: PT017  (either way is right)
        assert len(str(error)) < 500  # noqa: PT017


@given(questions())
@settings(max_examples=500, deadline=None, derandomize=True)
def test_no_other_error_leaves_a_door(question):
    answers_or_refuses(question)


@pytest.mark.soak
@given(questions())
@settings(max_examples=10_000, deadline=None)
def test_no_other_error_leaves_a_door_in_many_trials(question):
    answers_or_refuses(question)
