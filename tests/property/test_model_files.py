"""A model file that was damaged is refused, or is still the same model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sqsq import Neuron, fully_connected, initial_parameters, load_model, save_model
from sqsq.errors import DataError
from tests.property.damage import damaged
from tests.property.refusals import taken_or_refused


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def whole(folder):
    network = fully_connected(3, (2, 2), Neuron())
    save_model(folder / "whole.npz", network, initial_parameters(network, 1.0, np.random.default_rng(0)))
    return (folder / "whole.npz").read_bytes()


@given(data=st.data())
def test_damaged_models(folder, whole, data):
    path = folder / "damaged.npz"
    path.write_bytes(data.draw(damaged(whole)))
    with taken_or_refused() as outcome:
        network, parameters = load_model(path)
    if outcome.refusal is None:
        same, own = load_model(folder / "whole.npz")
        assert network.neurons == same.neurons
        assert (network.inputs, network.outputs) == (same.inputs, same.outputs)
        np.testing.assert_array_equal(network.delays, same.delays)
        np.testing.assert_array_equal(parameters.weights, own.weights)
        np.testing.assert_array_equal(parameters.theta, own.theta)
    else:
        assert isinstance(outcome.refusal, DataError)


@given(content=st.binary(max_size=200))
def test_files_that_are_no_models(folder, content):
    path = folder / "other.npz"
    path.write_bytes(content)
    with taken_or_refused() as outcome:
        load_model(path)
    assert isinstance(outcome.refusal, DataError)
