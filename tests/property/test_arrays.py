"""Whatever arrays are handed over are taken as they are, or refused in one line."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sqsq import (
    EvaluationTable,
    Network,
    Neuron,
    Parameters,
    Template,
    fully_connected,
    network_from_edges,
    open_engine,
    save_model,
)
from sqsq.model.parameters import check_parameters
from tests.property.odd_values import anything
from tests.property.refusals import taken_or_refused

KINDS = st.sampled_from(
    [
        "f2",
        "<f4",
        ">f4",
        "f8",
        ">f8",
        "g",
        "i1",
        "u1",
        "<i8",
        ">i8",
        "u8",
        "?",
        "c8",
        "U2",
        "S2",
        "M8[s]",
        "O",
    ]
)


@st.composite
def some_array(draw, *shape):
    """An array of nearly the shape that is wanted, of any kind, in any memory order, or a nested list."""
    if draw(st.booleans()):
        shape = draw(st.lists(st.integers(0, 3), max_size=4).map(tuple))
    kind = np.dtype(draw(KINDS))
    if kind.kind == "O":
        made = np.empty(shape, object)
        made[...] = draw(st.one_of(st.none(), st.text(max_size=2), st.integers()))
    else:
        made = draw(arrays.arrays(kind, shape))
    how = draw(st.sampled_from(["C", "F", "read-only", "list", "backwards", "masked"]))
    if how == "F":
        return np.asfortranarray(made)
    if how == "read-only":
        made.flags.writeable = False
    if how == "list":
        return made.tolist()
    if how == "backwards" and made.ndim:
        return made[::-1]
    if how == "masked" and kind.kind in "fiu":
        return np.ma.masked_array(made, mask=np.zeros(made.shape, bool))
    return made


near = st.one_of(st.integers(-1, 3), anything)
ENGINE = open_engine("exact")


@given(delays=some_array(2, 4), inputs=near, outputs=st.one_of(st.just((1,)), anything))
def test_networks(delays, inputs, outputs):
    with taken_or_refused() as outcome:
        network = Network(inputs, (Neuron(), Neuron()), delays, outputs)
    if outcome.refusal is None:
        assert network.delays.shape == (2, network.sources)
        assert set(np.unique(network.delays)) <= {-1, 0, 1}


@given(
    inputs=near,
    edges=st.lists(st.lists(near, min_size=1, max_size=4).map(tuple), max_size=3),
    outputs=st.one_of(st.just((1,)), anything),
)
def test_networks_from_edges(inputs, edges, outputs):
    with taken_or_refused() as outcome:
        network = network_from_edges(inputs, (Neuron(), Neuron()), edges, outputs)
    if outcome.refusal is None:
        assert (network.delays >= 0).sum() == len(edges), "an edge was dropped"


@given(inputs=near, widths=st.one_of(st.lists(st.integers(-1, 3), max_size=3), anything))
def test_layers(inputs, widths):
    with taken_or_refused():
        fully_connected(inputs, widths)


@given(weights=some_array(2, 4, 1), theta=some_array(2, 3))
def test_parameters(tmp_path_factory, weights, theta):
    network = fully_connected(2, (2,))
    path = tmp_path_factory.getbasetemp() / "parameters.npz"
    with taken_or_refused() as outcome:
        parameters = Parameters(weights, theta)
        check_parameters(network, parameters)
        save_model(path, network, parameters)
    if outcome.refusal is None:
        assert np.isfinite(np.asarray(parameters.weights, float)).all()


@given(phi=some_array(2, 3, 1), theta=some_array(2, 3, 3), shots=near)
def test_tables(phi, theta, shots):
    with taken_or_refused() as outcome:
        table = EvaluationTable(Template(Neuron(), 3), phi, theta, shots)
        if table.evaluations * table.shots < 10_000:
            spikes = ENGINE.run(table)
            assert spikes.shape == table.spikes_shape
            assert spikes.dtype == np.uint8
    if outcome.refusal is None:
        assert np.isfinite(np.asarray(table.phi, float)).all()
