"""Whole networks on the instruments: many io qubits, many steps, and what is certain."""

import numpy as np
import pytest

from sqsq.engines import open_engine
from sqsq.model import Neuron, Parameters, network_from_edges
from sqsq.tables import network_table
from tests import oracle
from tests.statistics import assert_drawn_from


def one_neuron(io, ansatz, currents, angles):
    """A neuron that one input line feeds at every step, with a current of its own for each io qubit."""
    neuron = Neuron(io, 1, ansatz)
    network = network_from_edges(1, [neuron], [(0, 0)], [0])
    weights = np.zeros((1, 2, io))
    weights[0, 0] = currents
    theta = np.resize(np.asarray(angles, float), (1, len(neuron.angles)))
    return network, Parameters(weights, theta)


def run(network, parameters, steps, shots):
    inputs = np.ones((1, steps, 1), np.uint8)
    return open_engine("exact").run(network_table(network, parameters, [0], inputs, shots))[0, :, :, 0]


@pytest.mark.matrix(keep=1)
@pytest.mark.parametrize("io", [1, 2, 3, 4])
def test_60_steps(io):
    """Each step against the oracle: 60 chi-square tests of false alarm 1e-6."""
    currents = np.array([0.5, 0.2, 0.8, 0.4])[:io]
    network, parameters = one_neuron(io, "partial-swap", currents, [0.4, -0.3, 0.2])
    spikes = run(network, parameters, 60, 10_000 if io < 4 else 2_000)
    phi = np.tile(np.pi * currents, (60, 1))
    theta = parameters.theta[0]
    before = oracle.memory_before("partial-swap", io, 1, phi, theta)
    for t in range(60):
        exact = oracle.joint("partial-swap", io, 1, phi[t : t + 1], theta, before[t])
        assert_drawn_from(spikes[:, t], exact)


@pytest.mark.matrix(keep=2)
@pytest.mark.parametrize("io", [1, 2, 4])
@pytest.mark.parametrize(("current", "spike"), [(0.0, 0), (1.0, 1), (1e9, 0), (1e9 + 1, 1)])
def test_what_is_certain_is_certain(io, current, spike):
    network, parameters = one_neuron(io, "io-controlled", current, [0.0])
    exact = np.sin(np.pi * current / 2) ** 2
    assert exact == pytest.approx(spike, abs=1e-12)
    assert (run(network, parameters, 100, 500) == spike).all()
