import numpy as np
import pytest

from sqsq.errors import UsageError
from sqsq.model import Neuron, Parameters, fully_connected, initial_parameters, network_from_edges
from sqsq.model.parameters import MEAN_CURRENT, check_parameters


def test_output_neurons_start_at_the_mean_current_over_the_active_inputs():
    network = fully_connected(8, (2,))
    parameters = initial_parameters(network, active_inputs=4.0, rng=np.random.default_rng(0))
    assert np.all(parameters.weights[:, :8] == MEAN_CURRENT / 4.0)
    assert np.all(parameters.weights[:, 8:] == 0.0)
    ent, theta_in, mem = parameters.theta.T
    assert np.all(theta_in == 0)
    assert np.all(np.abs(ent) < 0.5)
    assert np.all(np.abs(mem) < 0.5)
    assert len(set(ent)) == 2


def test_hidden_neurons_differ():
    network = fully_connected(8, (3, 2))
    weights = initial_parameters(network, 4.0, np.random.default_rng(0)).weights
    assert len(np.unique(weights[:3, :8])) == 24
    assert np.all(weights[3:, 8:11] == MEAN_CURRENT / 1.5)
    assert np.all(weights[:3, 8:] == 0)


def test_padding_stays_zero_for_neurons_of_different_size():
    network = network_from_edges(1, [Neuron(1, 1), Neuron(2, 1)], [(0, 0), (1, 1)], [1])
    parameters = initial_parameters(network, 1.0, np.random.default_rng(0))
    assert parameters.weights.shape == (2, 3, 2)
    assert np.all(parameters.weights[0, :, 1] == 0)
    assert np.all(parameters.weights[1, 1] != 0)
    assert parameters.theta.shape == (2, 5)
    assert np.all(parameters.theta[0, 3:] == 0)


def test_bad_parameters_are_named():
    network = fully_connected(2, (1,))
    good = initial_parameters(network, 1.0, np.random.default_rng(0))
    broken = Parameters(good.weights.copy(), good.theta)
    broken.weights[0, 1, 0] = np.nan
    with pytest.raises(UsageError, match=r"weights\[0, 1, 0\] is nan: must be a finite number"):
        check_parameters(network, broken)
    with pytest.raises(UsageError, match=r"theta have shape \(1, 2\): this network needs \(1, 3\)"):
        check_parameters(network, Parameters(good.weights, good.theta[:, :2]))
    with pytest.raises(UsageError, match=r"theta has shape \(3, 1\): must be \(1, angles\)"):
        Parameters(good.weights, good.theta.T)
    with pytest.raises(UsageError, match="must be above 0"):
        initial_parameters(network, 0.0, np.random.default_rng(0))
