import json
from dataclasses import asdict

import numpy as np
import pytest

from sqsq.errors import DataError, UsageError
from sqsq.files import read_archive, write_archive
from sqsq.model import (
    Neuron,
    Parameters,
    fully_connected,
    initial_parameters,
    load_model,
    network_from_edges,
    save_model,
)


@pytest.fixture
def model():
    network = network_from_edges(2, [Neuron(), Neuron(2, 2, "io-controlled")], [(0, 0), (2, 1, 1)], [1])
    return network, initial_parameters(network, 1.0, np.random.default_rng(0))


def test_round_trip(tmp_path, model):
    network, parameters = model
    save_model(tmp_path / "m.npz", network, parameters)
    again, loaded = load_model(tmp_path / "m.npz")
    assert (again.inputs, again.neurons, again.outputs) == (network.inputs, network.neurons, network.outputs)
    assert np.array_equal(again.delays, network.delays)
    assert np.array_equal(loaded.weights, parameters.weights)
    assert np.array_equal(loaded.theta, parameters.theta)
    assert [path.name for path in tmp_path.iterdir()] == ["m.npz"]


def rewrite(path, **changes):
    """Change what a file holds, with a checksum that fits."""
    archive = read_archive(path, kind="sqsq-model", version=2, names=("delays", "weights", "theta"))
    written = {"kind": "sqsq-model", "version": 2, "header": archive.header, "arrays": archive.arrays}
    for name, value in changes.items():
        where = next((each for each in ("header", "arrays") if name in written[each]), None)
        if where is None:
            written[name] = value
        else:
            written[where] = {**written[where], name: value}
    write_archive(path, **written)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 7}, "of version 7: this sqsq reads version 2"),
        ({"kind": "other"}, "not a model that sqsq wrote"),
        ({"theta": np.zeros((2, 9))}, r"theta have shape \(2, 9\): this network needs \(2, 8\)"),
        ({"weights": np.full((2, 4, 2), np.nan)}, "must be a finite number"),
        ({"delays": np.zeros((1, 1), np.int8)}, "delays have shape"),
        ({"neurons": [{"ansatz": "gone"}] * 2}, "unknown ansatz 'gone'"),
        ({"neurons": 3}, "does not fit together"),
        ({"inputs": None}, "does not fit together"),
        ({"outputs": {}}, "does not fit together"),
    ],
)
def test_other_files_are_refused(tmp_path, model, changes, message):
    path = tmp_path / "m.npz"
    save_model(path, *model)
    rewrite(path, **changes)
    with pytest.raises(DataError, match=message):
        load_model(path)


def test_a_model_of_another_run_is_refused(tmp_path, model):
    path = tmp_path / "m.npz"
    save_model(path, *model, run="one")
    load_model(path)
    load_model(path, run="one")
    with pytest.raises(DataError, match="belongs to another run"):
        load_model(path, run="two")


def test_a_file_of_version_1_is_opened_outside_runs(tmp_path, model):
    """It had no checksum, and did not say of which run it was."""
    network, parameters = model
    header = {
        "format": "sqsq-model",
        "version": 1,
        "inputs": network.inputs,
        "outputs": list(network.outputs),
        "neurons": [asdict(neuron) for neuron in network.neurons],
    }
    path = tmp_path / "m.npz"
    arrays = {"delays": network.delays, "weights": parameters.weights, "theta": parameters.theta}
    np.savez_compressed(path, header=np.array(json.dumps(header)), **arrays)
    assert np.array_equal(load_model(path)[1].weights, parameters.weights)
    with pytest.raises(DataError, match=r"belongs to no run \(or an earlier sqsq wrote it\)"):
        load_model(path, run="one")


def test_missing_truncated_and_foreign_files_are_refused(tmp_path, model):
    path = tmp_path / "m.npz"
    with pytest.raises(DataError, match="no model file"):
        load_model(path)
    save_model(path, *model)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(DataError, match="not a model that sqsq wrote"):
        load_model(path)
    path.write_text("hello")
    with pytest.raises(DataError, match="not a model that sqsq wrote"):
        load_model(path)
    np.savez(path, header=np.array([{"pickled": True}], dtype=object))
    with pytest.raises(DataError, match="not a model that sqsq wrote"):
        load_model(path)


def test_nothing_is_written_for_bad_parameters(tmp_path):
    network = fully_connected(2, (1,))
    bad = Parameters(np.zeros((1, 3, 1)), np.zeros((1, 3)))
    bad.weights[:] = np.inf
    with pytest.raises(UsageError, match=r"weights\[0, 0, 0\] is inf"):
        save_model(tmp_path / "m.npz", network, bad)
    assert not list(tmp_path.iterdir())
