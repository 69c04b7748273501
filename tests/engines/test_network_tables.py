"""Whole networks on every engine against the oracle's joint distribution; false alarm 1e-6 each."""

import numpy as np
import pytest
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit_aer.primitives import SamplerV2

from sqsq.circuits import canonical_text
from sqsq.circuits.fused import fuse
from sqsq.engines import SamplerEngine, device_programs, open_engine
from sqsq.engines.choice import BackendChoice
from sqsq.errors import BackendError, UsageError
from sqsq.inference.forward_passes import forward
from sqsq.jobs import Resources, drive, make_runner, tell_nobody
from sqsq.jobs.chunks import cut_table
from sqsq.model import Neuron, Parameters, fully_connected, initial_parameters, network_from_edges
from sqsq.tables import network_table
from tests import oracle
from tests.circuits.test_fused import random_network, total_variation_bound
from tests.statistics import assert_drawn_from

SHOTS = 10_000


def bits_of(network, spikes):
    """Histories, neuron by neuron, step by step; spikes have shape (shots, T, neurons, channels)."""
    own = [spikes[:, :, i, : neuron.io_qubits] for i, neuron in enumerate(network.neurons)]
    return np.concatenate([each.reshape(len(spikes), -1) for each in own], axis=1)


def assert_oracles(network, parameters, inputs, spikes):
    expected = oracle.network_joint(network, parameters.weights, parameters.theta, inputs)
    assert_drawn_from(bits_of(network, spikes), expected)


def recurrent_network(seed, steps=3):
    """Two hidden neurons that feed each other, and an output."""
    edges = [(0, 0), (1, 1), (2, 1, 1), (3, 0, 1), (2, 2), (3, 2, 1)]
    network = network_from_edges(2, [Neuron(), Neuron(1, 1, "memory-controlled"), Neuron()], edges, [2])
    rng = np.random.default_rng(seed)
    weights = rng.uniform(-0.6, 0.9, (3, 5, 1)) * (network.delays != -1)[..., None]
    inputs = rng.integers(0, 2, (1, steps, 2), dtype=np.uint8)
    return network, Parameters(weights, rng.uniform(-1, 1, (3, 3))), inputs


@pytest.mark.parametrize("backend", ["exact", "aer"])
@pytest.mark.parametrize(
    "make",
    [lambda: recurrent_network(0), lambda: random_network(np.random.default_rng(4), 2, 3, True)],
    ids=["recurrent", "two channels"],
)
def test_the_oracles_joint_distribution(backend, make):
    network, parameters, inputs = make()
    table = network_table(network, parameters, range(len(network.neurons)), inputs, SHOTS)
    spikes = open_engine(backend, seed=5).run(table)
    assert spikes.shape == table.spikes_shape
    assert_oracles(network, parameters, inputs[0], spikes[0])


@pytest.mark.matrix(keep=2)
@pytest.mark.parametrize("backend", ["exact", "aer"])
@pytest.mark.parametrize("mode", ["layered", "fused"])
def test_fused_and_layered_have_the_same_joint_distribution(backend, mode):
    edges = [(0, 0), (1, 1), (2, 1), (2, 2), (3, 2, 1), (0, 2)]
    network = network_from_edges(2, [Neuron()] * 3, edges, [2])
    rng = np.random.default_rng(8)
    weights = rng.uniform(-0.5, 0.9, (3, 5, 1)) * (network.delays != -1)[..., None]
    parameters = Parameters(weights, rng.uniform(-1, 1, (3, 3)))
    inputs = rng.integers(0, 2, (3, 2), dtype=np.uint8)
    passes = np.broadcast_to(inputs, (1, 4000, *inputs.shape))
    step = forward(network, parameters, passes, range(3), mode=mode)
    spikes, usage = drive(step, open_engine(backend, seed=6))
    assert usage.tables == (1 if mode == "fused" else 3)
    assert_oracles(network, parameters, inputs, spikes[0, :, :, 2:])


def test_a_sampler_runs_a_whole_network():
    network, parameters, inputs = recurrent_network(1)
    device = GenericBackendV2(6, coupling_map=[[k, k + 1] for k in range(5)], noise_info=False)
    engine = SamplerEngine(SamplerV2(seed=3), device.target)
    table = network_table(network, parameters, range(3), np.repeat(inputs, 2, axis=0), SHOTS // 2)
    spikes = engine.run(table)
    assert_oracles(network, parameters, inputs[0], spikes.reshape(-1, *spikes.shape[2:]))


def test_a_devices_noise_moves_a_network_a_little():
    """On fake_brisbane the distribution is near the ideal one, and not it."""
    network, parameters, inputs = recurrent_network(2, steps=2)
    expected = oracle.network_joint(network, parameters.weights, parameters.theta, inputs[0]).ravel()
    table = network_table(network, parameters, range(3), inputs, SHOTS)
    spikes = open_engine("fake_brisbane", seed=1).run(table)
    bits = bits_of(network, spikes[0]).astype(np.int64)
    index = bits @ (1 << np.arange(bits.shape[1])[::-1])
    found = np.bincount(index, minlength=len(expected)) / SHOTS
    distance = 0.5 * np.abs(found - expected).sum()
    assert total_variation_bound(64, SHOTS) < distance < 0.25


def test_many_neurons_are_simulated_as_matrix_products():
    network = fully_connected(2, (7, 2))
    parameters = initial_parameters(network, 1.0, np.random.default_rng(0))
    inputs = np.ones((1, 2, 2), np.uint8)
    table = network_table(network, parameters, range(9), inputs, 500)
    ours, theirs = (open_engine(name, seed=2).run(table).mean(axis=(0, 1)) for name in ("aer", "exact"))
    # each mean of 500 shots is within 5 standard deviations, false alarm below 1e-4 for all 18
    assert np.abs(ours - theirs).max() < 5 * np.sqrt(2 * 0.25 / 500)


def test_parts_of_a_table_run_the_circuit_of_the_whole():
    network, parameters, _ = recurrent_network(0)
    inputs = np.random.default_rng(0).integers(0, 2, (6, 3, 2), dtype=np.uint8)
    table = network_table(network, parameters, range(3), inputs, 1, ("iteration", 1))
    parts = [part for _, part in cut_table(table, 4)]
    assert [part.evaluations for part in parts] == [4, 2]
    assert all(part.template == table.template for part in parts)
    assert np.array_equal(np.concatenate([part.values() for part in parts]), table.values())
    assert len({part.digest for part in (*parts, table)}) == 3
    runner = make_runner(
        BackendChoice("exact"),
        open_engine("exact"),
        Resources(),
        job_seconds=1e-9,
        ledger=None,
        run="",
        tell=tell_nobody,
    )
    assert runner.run(table).shape == table.spikes_shape


def test_equal_plans_are_equal_text():
    network, parameters, inputs = recurrent_network(0)
    one, two = (network_table(network, parameters, range(3), inputs, 1).template for _ in range(2))
    assert one == two
    assert hash(one) == hash(two)
    assert canonical_text(fuse(one).circuit) == canonical_text(fuse(two).circuit)
    assert " object at 0x" not in canonical_text(fuse(one).circuit)


def test_networks_on_a_device_cost_and_keep_their_qubits():
    network, parameters, inputs = recurrent_network(0)
    programs = device_programs(BackendChoice("fake_brisbane"))
    table = network_table(network, parameters, range(3), inputs, 10)
    assert programs.rows_per_job(table.template, 10, 60) > 1
    cost = programs.cost(table.template, 1, 10)
    assert (cost.jobs, cost.circuits, cost.executions) == (1, 1, 10)
    again = device_programs(BackendChoice("fake_brisbane"))
    again.choices = programs.choices
    assert again.identity(table.template, 1) == programs.identity(table.template, 1)


def test_mistakes_are_one_line():
    network, parameters, inputs = recurrent_network(0)
    with pytest.raises(UsageError, match=r"neurons \[1\] feed neurons that run"):
        network_table(network, parameters, (0, 2), inputs, 1)
    with pytest.raises(BackendError, match=r"use fake_brisbane \(Aer\), or --forward layered"):
        open_engine("exact:fake_brisbane").run(network_table(network, parameters, range(3), inputs, 1))
    wide = fully_connected(1, (12, 1))
    weights = -np.ones((13, 14, 1)) * (wide.delays != -1)[..., None]
    table = network_table(wide, Parameters(weights, np.zeros((13, 3))), range(13), inputs[..., :1], 1)
    with pytest.raises(UsageError, match="neuron 12: 12 fed-forward spikes"):
        open_engine("aer").run(table)
    assert open_engine("exact").run(table).shape == (1, 1, 3, 13, 1)


@pytest.mark.parametrize("backend", ["exact", "aer", "fake_brisbane"])
def test_no_rows_make_no_spikes(backend):
    network, parameters, inputs = recurrent_network(0)
    table = network_table(network, parameters, range(3), inputs[:0], 4)
    assert open_engine(backend).run(table).shape == table.spikes_shape == (0, 4, inputs.shape[1], 3, 1)
