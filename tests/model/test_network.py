import numpy as np
import pytest

from sqsq.errors import UsageError
from sqsq.model import Network, Neuron, fully_connected, network_from_edges, network_layers


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
        ([(0, 0, 2)], r"edge \(0, 0, 2\): delays must be 0 \(same step\) or 1 \(next step\)"),
        ([(0, 0, -1)], r"edge \(0, 0, -1\): delays must be"),
        ([(0, 0, 300)], r"edge \(0, 0, 300\): delays must be"),
        ([(0, 0, 0.5)], r"one of the numbers of edge \(0, 0, 0.5\) is 0.5: must be a whole number"),
        ([(0, 0, True)], "is True: must be a whole number"),
        ([(0, 0, float("nan"))], "is nan: must be a whole number"),
        ([(0, 0), (0, 1), (0, 0)], r"edge \(0, 0\) is given twice"),
        ([(0, 0), (0, 0, 1)], r"edge \(0, 0\) is given twice"),
        ([(-1, 0)], r"edge \(-1, 0\): sources are 0\.\.2, neurons 0\.\.1"),
        ([(0, -1)], r"neurons 0\.\.1"),
        ([(0.0, 1)], "is 0.0: must be a whole number"),
        ([(0, "1")], "is '1': must be a whole number"),
        ([(0,)], r"edge \(0,\): must be \(source, neuron\) or \(source, neuron, delay\)"),
        ([(0, 1, 0, 1)], "must be .source, neuron. or"),
        ([7], "numbers of edge 7 are 7: must be a sequence of whole numbers"),
    ],
)
def test_edges_are_checked(edges, message):
    with pytest.raises(UsageError, match=message):
        network_from_edges(1, [Neuron()] * 2, edges, [1])


def test_numbers_of_numpy_are_numbers():
    """Edges from an array, outputs and sizes of any integer type: the same network, in plain numbers."""
    plain = network_from_edges(2, [Neuron()] * 2, [(0, 0, 1), (2, 1, 0)], [1])
    edges = np.array([[0, 0, 1], [2, 1, 0]], np.uint8)
    other = network_from_edges(np.int64(2), tuple([Neuron()] * 2), edges, np.array([1], np.uint16))
    assert np.array_equal(other.delays, plain.delays)
    assert other.outputs == plain.outputs == (1,)
    assert type(other.outputs[0]) is int
    assert type(other.inputs) is int
    layered = fully_connected(np.int8(2), np.array([3, 1]))
    assert np.array_equal(layered.delays, fully_connected(2, (3, 1)).delays)


@pytest.mark.parametrize("dtype", [np.int8, np.int64, ">i4", np.float16, np.longdouble])
def test_delays_of_any_signed_dtype_are_kept_exactly(dtype):
    delays = np.array([[0, 1, -1, -1], [-1, -1, 0, -1]])
    network = Network(2, (Neuron(),) * 2, np.asfortranarray(delays.astype(dtype)), (1,))
    assert network.delays.dtype == np.int8
    assert np.array_equal(network.delays, delays)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"delays": np.array([[0, 300]])}, r"delays\[0, 1\] is 300: must be a whole number from -1 to 1"),
        ({"delays": np.array([[0.5, -1]])}, r"delays\[0, 0\] is 0.5: must be a whole number from -1 to 1"),
        ({"delays": np.array([[True, False]])}, "delays are True and False: must be -1"),
        ({"delays": np.array([[0]])}, r"delays have shape \(1, 1\): must be \(1, 2\)"),
        ({"outputs": (True,)}, "one of the outputs is True: must be a whole number"),
        ({"outputs": (np.True_,)}, "one of the outputs is True"),
        ({"outputs": (0.0,)}, "one of the outputs is 0.0"),
        ({"outputs": (0, 0)}, "must be distinct"),
        ({"outputs": 0}, "outputs are 0: must be a sequence of whole numbers"),
        ({"outputs": (-1,)}, r"out of 0\.\.0"),
        ({"inputs": 1.0}, "number of input lines is 1.0: must be a whole number"),
        ({"inputs": True}, "number of input lines is True"),
        ({"neurons": ("lif",)}, "neuron 0 is 'lif': must be a Neuron"),
        ({"neurons": 3}, "neuron 0 is 3: must be a Neuron"),
        ({"inputs": 2**31}, "neurons times sources are at most 1,073,741,824"),
    ],
)
def test_networks_refuse_what_cannot_be(change, message):
    good = {"inputs": 1, "neurons": (Neuron(),), "delays": np.array([[0, -1]]), "outputs": (0,)}
    with pytest.raises(UsageError, match=message):
        Network(**{**good, **change})


@pytest.mark.parametrize(
    ("inputs", "widths", "message"),
    [
        (3, (2.5,), "one of the layer widths is 2.5: must be a whole number"),
        (3, (True,), "one of the layer widths is True"),
        (3, 4, "layer widths are 4: must be a sequence"),
        (3, (-1,), "layer widths"),
        (0, (1,), "number of input lines is 0: at least 1"),
        (2.0, (1,), "number of input lines is 2.0"),
        (10**9, (10**9,), "neurons times sources"),
    ],
)
def test_sizes_of_layers_are_checked(inputs, widths, message):
    with pytest.raises(UsageError, match=message):
        fully_connected(inputs, widths)


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
