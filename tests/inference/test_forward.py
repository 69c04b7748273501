import numpy as np
import pytest

from sqsq.errors import UsageError
from sqsq.inference import evaluate
from sqsq.inference.forward_passes import forward
from sqsq.jobs import drive
from sqsq.model import Neuron, Parameters, fully_connected, initial_parameters, network_from_edges
from sqsq.tables import Usage
from tests.engines_for_tests import SamplingEngine


def relay(delay):
    """Input line -> hidden neuron -> output neuron, each turning a spike of its source into a spike."""
    network = network_from_edges(1, [Neuron(), Neuron()], [(0, 0), (1, 1, delay)], [1])
    weights = np.zeros((2, 3, 1))
    weights[0, 0], weights[1, 1] = 1.0, 1.0
    return network, Parameters(weights, np.zeros((2, 3)))


@pytest.mark.parametrize("delay", [0, 1])
def test_spikes_travel_in_the_same_step_or_one_later(delay):
    network, parameters = relay(delay)
    inputs = np.random.default_rng(0).integers(2, size=(3, 2, 5, 1), dtype=np.uint8)
    spikes, usage = drive(forward(network, parameters, inputs, range(2)), SamplingEngine(0))
    assert spikes.shape == (3, 2, 5, 3, 1)
    assert np.array_equal(spikes[..., 1, 0], inputs[..., 0])
    later = inputs[..., 0] if delay == 0 else np.pad(inputs[..., :-1, 0], [(0, 0), (0, 0), (1, 0)])
    assert np.array_equal(spikes[..., 2, 0], later)
    assert usage == Usage(tables=2, evaluations=12, executions=12)


def test_only_the_neurons_asked_for_run():
    network, parameters = relay(0)
    spikes, usage = drive(
        forward(network, parameters, np.ones((1, 1, 2, 1), np.uint8), [0]), SamplingEngine(0)
    )
    assert usage.tables == 1
    assert not spikes[..., 2, :].any()


def test_channels_of_neurons_of_different_size():
    neurons = [Neuron(1, 1), Neuron(2, 1)]
    network = network_from_edges(1, neurons, [(0, 0), (1, 1)], [1])
    weights = np.zeros((2, 3, 2))
    weights[0, 0, 0] = 1.0
    weights[1, 1] = [1.0, -1.0]
    inputs = np.ones((1, 1, 3, 1), np.uint8)
    spikes, _ = drive(
        forward(network, Parameters(weights, np.zeros((2, 5))), inputs, range(2)), SamplingEngine(0)
    )
    assert spikes[0, 0, :, 1].tolist() == [[1, 1]] * 3  # one io qubit feeds both channels
    assert spikes[0, 0, :, 2].tolist() == [[1, 0]] * 3


def test_recurrent_networks_are_refused():
    network = network_from_edges(1, [Neuron()] * 3, [(0, 0), (1, 1), (2, 0, 1), (2, 2)], [2])
    parameters = initial_parameters(network, 1.0, np.random.default_rng(0))
    with pytest.raises(UsageError, match="cannot run layer by layer"):
        drive(forward(network, parameters, np.ones((1, 1, 2, 1), np.uint8), range(3)), SamplingEngine(0))


def test_evaluation_counts_spikes_and_ties():
    network = fully_connected(2, (2,))
    weights = np.zeros((2, 4, 1))
    weights[0, 0] = weights[1, 1] = 1.0
    images = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 1.0]])
    step = evaluate(
        network,
        Parameters(weights, np.zeros((2, 3))),
        images,
        np.array([0, 1, 0, 0]),
        4,
        np.random.default_rng(0),
    )
    result, _ = drive(step, SamplingEngine(0))
    assert result.ties == 1
    assert result.accuracy in (0.5, 0.75)
    assert result.spikes_per_neuron.tolist() == [0.5, 0.75]
    assert result.spikes_per_step == 1.25
