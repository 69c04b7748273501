"""Arrays that are right are not touched; repeated ones are looked at once."""

import numpy as np
import pytest

from sqsq.checks import class_array, mask_array, picked, real_array, spike_array, whole_array
from sqsq.errors import UsageError
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, Template


def test_right_arrays_are_returned_as_they_are():
    numbers = np.linspace(0, 1, 6).reshape(2, 3)
    for array in (numbers, numbers.T, numbers[:, ::-1], np.broadcast_to(numbers, (4, 2, 3))):
        assert real_array(array, "x", low=0, high=1) is array
    spikes = np.eye(3, dtype=np.uint8)
    assert spike_array(spikes, "s", (3, "columns")) is spikes
    classes = np.arange(3)
    assert class_array(classes, "c", 3, 3) is classes
    assert whole_array(classes, "c", (3,)) is classes


def test_broadcast_views_stay_views_whatever_their_dtype():
    """A terabyte of them: neither copied nor looked at number by number."""
    huge = (10**6, 10**6, 1)
    for dtype in (np.float64, np.float32, ">f8", np.int64):
        found = real_array(np.broadcast_to(np.ones(1, dtype), huge), "x", ("rows", "T", 1))
        assert found.shape == huge
        assert found.strides[:2] == (0, 0)
        assert found.dtype == np.float64
    assert spike_array(np.broadcast_to(np.ones(1), huge), "s").strides[:2] == (0, 0)
    with pytest.raises(UsageError, match=r"^x\[0, 0, 0\] is nan"):
        real_array(np.broadcast_to(np.nan, huge), "x")
    with pytest.raises(UsageError, match=r"^x\[0, 2, 0\] is inf"):
        real_array(np.broadcast_to(np.array([[0.0], [1.0], [np.inf]]), (10**9, 3, 1)), "x")


def test_tables_keep_the_arrays_they_are_given():
    template = Template(Neuron(), 2)
    phi = np.zeros((10**5, 2, 1))
    theta = np.broadcast_to(np.zeros(3), (10**5, 2, 3))
    table = EvaluationTable(template, phi, theta, np.int64(3), ("a", np.uint8(1)))
    assert table.phi is phi
    assert table.theta is theta
    assert table.key == ("a", 1)
    assert type(table.shots) is int
    plain = EvaluationTable(template, phi, theta, 3, ("a", 1))
    assert table.digest == plain.digest
    assert EvaluationTable(template, phi.astype(np.float16), theta, 3, ["a", 1]).digest == plain.digest


@pytest.mark.parametrize("key", ["iteration", 3, ("a", 0.5), ("a", None), (True,)])
def test_keys_of_tables_are_names_and_whole_numbers(key):
    with pytest.raises(UsageError, match="key"):
        EvaluationTable(Template(Neuron(), 1), np.zeros((1, 1, 1)), np.zeros((1, 1, 3)), 1, key)


def test_what_float64_cannot_hold_is_refused():
    with pytest.raises(UsageError, match=r"^x\[1\] is 1e\+4000: must be a finite number"):
        real_array(np.array([1, np.longdouble("1e4000")]), "x")


def test_shapes_are_spelled_with_the_names_of_their_axes():
    for array, shape, message in (
        (np.zeros(3), ("images", 4), r"^x has shape \(3,\): must be \(images, 4\)$"),
        (np.zeros(0), ("images",), r"^x has shape \(0,\): must be \(images,\), with at least one of images$"),
        (np.zeros((2, 3)), (..., "T", 4), r"^x has shape \(2, 3\): must be \(\.\.\., T, 4\)$"),
        (np.zeros(()), (..., "T"), r"^x has shape \(\): must be \(\.\.\., T\)$"),
    ):
        with pytest.raises(UsageError, match=message):
            real_array(array, "x", shape)
    assert real_array(np.zeros((0, 4)), "x", ("images", 4), may_be_empty=("images",)).shape == (0, 4)


def test_a_single_number_has_no_place():
    with pytest.raises(UsageError, match=r"^x is nan: must be a finite number$"):
        real_array(np.nan, "x")


def test_masks_are_somewhere_true():
    with pytest.raises(UsageError, match=r"^counted is nowhere true"):
        mask_array([0, 0], "counted", (2,))


def test_picked_entries():
    assert picked(np.arange(3), [True, False, True], "images").tolist() == [0, 2]
    for index in (5, [True], "a", 0.5, [[7]]):
        with pytest.raises(UsageError, match="picks none of the 3 images"):
            picked(np.arange(3), index, "images")
