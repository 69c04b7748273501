import numpy as np
import pytest

from sqsq.model import Neuron, angles_of_currents, input_currents, network_from_edges
from sqsq.model.currents import slopes_of_angles


def test_angles_turn_only_for_positive_currents():
    assert angles_of_currents([-1.0, 0.0, 0.25]) == pytest.approx([0, 0, np.pi / 4])


def test_equation_1_with_delays_and_channels():
    rng = np.random.default_rng(1)
    # sources: inputs 0 and 1, neurons 2 (N = 1) and 3 and 4 (N = 2)
    neurons = [Neuron(1, 1), Neuron(2, 1), Neuron(2, 1)]
    network = network_from_edges(2, neurons, [(0, 0), (1, 1), (2, 2), (3, 2, 1), (0, 2)], [2])
    spikes = rng.integers(2, size=(3, 2, 5, network.sources, 2), dtype=np.uint8)
    spikes[..., 2, 1] = spikes[..., 2, 0]  # a source with one channel feeds both
    weights = rng.normal(size=(3, network.sources, 2))
    currents = input_currents(network, [2], weights, spikes)
    assert currents.shape == (3, 2, 1, 5, 2)
    for t in range(5):
        for n in range(2):
            z = weights[2, 2, n] * spikes[:, :, t, 2, n] + weights[2, 0, n] * spikes[:, :, t, 0, n]
            if t > 0:
                z = z + weights[2, 3, n] * spikes[:, :, t - 1, 3, n]
            assert currents[:, :, 0, t, n] == pytest.approx(z)


def test_neurons_without_edges_get_no_current():
    network = network_from_edges(1, [Neuron(), Neuron()], [(0, 0)], [1])
    spikes = np.ones((1, 1, 2, 3, 1), np.uint8)
    assert not input_currents(network, [1], np.ones((2, 3, 1)), spikes).any()


@pytest.mark.parametrize("rectified", [True, False])
def test_slopes_are_those_of_the_angles(rectified):
    z = np.array([-1.0, -0.2, 0.3, 2.0])
    step = 1e-6
    up, down = (angles_of_currents(z + sign * step, rectified) for sign in (1, -1))
    assert slopes_of_angles(z, rectified) == pytest.approx((up - down) / (2 * step))
    assert (angles_of_currents(z, rectified)[0] == 0) == rectified
