import numpy as np
import pytest

from sqsq.errors import UsageError
from sqsq.jobs import drive
from sqsq.learning.reservoir import (
    ReadOut,
    read_out_features,
    reservoir_parameters,
    reservoir_spikes,
    train_read_out,
)
from sqsq.model import Neuron, fully_connected, network_from_edges
from tests.engines_for_tests import SamplingEngine


def test_all_neurons_of_a_reservoir_are_read_out():
    network = fully_connected(3, (4, 2))
    parameters = reservoir_parameters(network, 1.0, np.random.default_rng(0))
    inputs = np.random.default_rng(1).integers(2, size=(5, 2, 3, 3), dtype=np.uint8)
    spikes, usage = drive(reservoir_spikes(network, parameters, inputs), SamplingEngine(0))
    assert spikes.shape == (5, 2, 3, 6, 1)
    assert usage.executions == 5 * 2 * 6
    assert spikes[:, :, :, :4].any()
    assert spikes[:, :, :, 4:].any()


def test_parameters_are_random_on_edges_and_near_the_identity():
    neurons = [Neuron(ansatz="io-controlled")] * 200 + [Neuron(1, 2, "partial-swap-chain")]
    edges = [(line, i) for i in range(201) for line in range(50)]
    network = network_from_edges(50, neurons, edges, [200])
    parameters = reservoir_parameters(network, 20.0, np.random.default_rng(0))
    assert not parameters.weights[:, 50:].any()
    currents = parameters.weights[:, :20, 0].sum(axis=1)
    # 201 currents of variance 1: their mean square is 1 +- 0.1, a false alarm below 1e-6 at five times that
    assert (currents**2).mean() == pytest.approx(1, abs=0.5)
    assert not parameters.theta[:200, 3:].any()
    assert np.abs(parameters.theta).max() <= 0.5
    assert (parameters.theta[:200, 0] != 0).all()
    with pytest.raises(UsageError, match=r"active inputs is 0\.0: must be above 0"):
        reservoir_parameters(network, 0.0, np.random.default_rng(0))


def test_features():
    spikes = np.array([[[1, 0], [0, 1]], [[1, 1], [1, 0]]], np.uint8).reshape(1, 1, 2, 2, 2)
    assert read_out_features(spikes, "counts").tolist() == [[[1.0, 0.5, 0.5, 0.5]]]
    assert read_out_features(spikes, "steps").tolist() == [[[1, 0, 0, 1, 1, 1, 1, 0]]]
    with pytest.raises(UsageError, match="unknown features 'all': choose from counts, steps"):
        read_out_features(spikes, "all")


@pytest.mark.parametrize("classes", [2, 3])
def test_the_read_out_is_the_logistic_regression(classes):
    """Its classes are scikit-learn's; what separates by counts is told apart, with two classes as well."""
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    labels = rng.integers(classes, size=90)
    chance = np.where(labels[:, None] == np.arange(4), 0.9, 0.3)
    spikes = (rng.random((90, 3, 12, 4, 1)) < chance[:, None, None, :, None]).astype(np.uint8)
    read_out = train_read_out(spikes, labels, "counts", 0.5)
    found = read_out.classify(spikes)
    assert found.shape == (90, 3)
    counts = spikes.mean(axis=2).reshape(-1, 4)
    model = LogisticRegression(C=0.5, max_iter=1000).fit(counts, np.repeat(labels, 3))
    assert np.array_equal(found.ravel(), model.predict(counts))
    assert (found == labels[:, None]).mean() > 0.9


def test_bad_penalties():
    with pytest.raises(UsageError, match=r"inverse penalty 0\.0: must be a positive number"):
        train_read_out(np.ones((2, 1, 1, 1, 1), np.uint8), np.array([0, 1]), "counts", 0.0)
    for penalty in (np.nan, np.inf, "1", True):
        with pytest.raises(UsageError, match=r"inverse penalty is .*: must be a finite number"):
            train_read_out(np.ones((2, 1, 1, 1, 1), np.uint8), np.array([0, 1]), "counts", penalty)


@pytest.mark.parametrize("classes", [[0, 0], [0, 2], [1, 2]])
def test_every_class_has_an_example(classes):
    with pytest.raises(UsageError, match=r"classes are \[.*\]: must be 0 to C-1, two at least, each present"):
        train_read_out(np.ones((2, 1, 1, 1, 1), np.uint8), classes, "counts")


def test_a_read_out_knows_its_reservoir():
    read_out = ReadOut(np.ones((2, 6)), np.zeros(2), "steps")
    with pytest.raises(UsageError, match="the spikes make 4 features: the read-out was trained on 6"):
        read_out.classify(np.ones((1, 2, 2, 1), np.uint8))
