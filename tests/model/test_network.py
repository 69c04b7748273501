import numpy as np
import pytest

from sqsq.errors import UsageError
from sqsq.model import Neuron, fully_connected, network_from_edges, network_layers


def test_fully_connected_layers():
    network = fully_connected(3, (4, 2))
    assert network.outputs == (4, 5)
    assert network.hidden == (0, 1, 2, 3)
    assert network_layers(network) == ((0, 1, 2, 3), (4, 5))
    assert (network.delays[:4, :3] == 0).all()
    assert (network.delays[4:, 3:7] == 0).all()
    assert (network.delays == 0).sum() == 4 * 3 + 2 * 4


def test_the_papers_figure_3():
    # input line 0; neurons 0..5 are the paper's 1..6, output 6
    edges = [(0, 0), (1, 1), (2, 2), (1, 3), (3, 4), (4, 5), (5, 5), (0, 1)]
    network = network_from_edges(1, [Neuron()] * 6, edges, [5])
    assert network_layers(network) == ((0,), (1, 3), (2,), (4,), (5,))


def test_output_neurons_have_no_outgoing_edges():
    with pytest.raises(UsageError, match=r"output neuron 0 feeds neuron 1: .* eq. \(9\)"):
        network_from_edges(1, [Neuron()] * 2, [(0, 0), (1, 1)], [0, 1])


def test_cycles_need_a_delay_and_cannot_run_layer_by_layer():
    cycle = [(0, 0), (1, 1), (1, 2)]
    with pytest.raises(UsageError, match=r"neurons \[0, 1, 2\] hold a cycle of edges without delay"):
        network_from_edges(1, [Neuron()] * 3, [*cycle, (2, 0)], [2])
    delayed = network_from_edges(1, [Neuron()] * 3, [*cycle, (2, 0, 1)], [2])
    with pytest.raises(UsageError, match="recurrent network cannot run layer by layer"):
        network_layers(delayed)


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ([(0, 2)], "neurons 0..1"),
        ([(5, 0)], r"sources are 0\.\.2"),
        ([(1, 0)], "feeds itself"),
        ([(0, 0, 2)], "delays must be"),
    ],
)
def test_edges_are_checked(edges, message):
    with pytest.raises(UsageError, match=message):
        network_from_edges(1, [Neuron()] * 2, edges, [1])


def test_widths_of_connected_neurons_must_match():
    wide, narrow = Neuron(2, 1), Neuron(1, 1)
    network_from_edges(1, [narrow, wide], [(0, 0), (1, 1)], [1])
    with pytest.raises(UsageError, match="neuron 0 with 2 io qubits feeds neuron 1 with 1"):
        network_from_edges(1, [wide, narrow], [(0, 0), (1, 1)], [1])


def test_outputs_and_sizes_are_checked():
    with pytest.raises(UsageError, match="at least one output"):
        network_from_edges(1, [Neuron()], [(0, 0)], [])
    with pytest.raises(UsageError, match="must be distinct neurons"):
        network_from_edges(1, [Neuron()], [(0, 0)], [1])
    for widths in ((), (2, 0)):
        with pytest.raises(UsageError, match="layer widths"):
            fully_connected(3, widths)
    with pytest.raises(UsageError, match="needs neurons and input lines"):
        network_from_edges(0, [Neuron()], [], [0])


def test_channels_are_those_of_the_widest_neuron():
    network = network_from_edges(1, [Neuron(1, 1), Neuron(2, 1)], [(0, 0), (1, 1)], [1])
    assert network.channels == 2
    assert network.sources == 3
    assert np.array_equal(network.between_neurons, [[-1, -1], [0, -1]])
