"""Neurons side by side: which qubits, and that packing changes nothing but the price."""

import itertools

import numpy as np
import pytest
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit_aer.primitives import SamplerV2

from sqsq.circuits import find_groups, pack_neurons
from sqsq.circuits.groups import _coupling, _pair_costs
from sqsq.engines import Placement, SamplerEngine, open_engine
from sqsq.engines.fake import fake_backend
from sqsq.errors import BackendError, UsageError
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, Template
from tests.statistics import assert_same_distribution

PAIR = Template(Neuron(), 2)


def neighbours(target):
    return {frozenset(edge) for edge in target.build_coupling_map().get_edges()}


@pytest.mark.parametrize("guard", [False, True])
@pytest.mark.parametrize("neuron", [Neuron(), Neuron(1, 2), Neuron(2, 1)], ids=str)
def test_groups_are_disjoint_and_connected(neuron, guard):
    target = fake_backend("fake_brisbane").target
    groups = find_groups(Template(neuron, 2), target, "fake_brisbane", guard)
    qubits = [qubit for group in groups for qubit in group]
    assert len(set(qubits)) == len(qubits)
    edges = neighbours(target)
    for group in groups:
        assert any(frozenset(pair) in edges for pair in itertools.combinations(group, 2))
    touching = [
        (a, b)
        for a, b in itertools.combinations(groups, 2)
        if any(frozenset((i, j)) in edges for i in a for j in b)
    ]
    assert not touching if guard else touching


def test_a_matching_fills_the_chip():
    groups = find_groups(PAIR, fake_backend("fake_brisbane").target, "fake_brisbane")
    assert len(groups) == 54


def best_matching(costs):
    """Brute force: most pairs first, then least cost."""
    best = (0, 0.0)
    pairs = list(costs)
    for size in range(1, 4):
        for chosen in itertools.combinations(pairs, size):
            qubits = [qubit for pair in chosen for qubit in pair]
            if len(set(qubits)) == len(qubits):
                best = max(best, (size, -sum(costs[pair] for pair in chosen)))
    return best


@pytest.mark.parametrize("device", ["fake_nairobi", "fake_lagos", "fake_perth"])
def test_the_matching_is_the_best_one(device):
    target = fake_backend(device).target
    costs = _pair_costs(target, _coupling(target))
    groups = find_groups(PAIR, target, device)
    size, cost = best_matching(costs)
    assert len(groups) == size
    assert sum(costs[group] for group in groups) == pytest.approx(-cost, rel=1e-4)
    assert [costs[group] for group in groups] == sorted(costs[group] for group in groups)


def test_devices_without_working_pairs_say_so():
    with pytest.raises(BackendError, match="fake_kyoto has no group of 2 connected, working qubits"):
        find_groups(PAIR, fake_backend("fake_kyoto").target, "fake_kyoto")


def ideal_target():
    edges = [[0, 1], [1, 2], [2, 3], [3, 4], [4, 5]]
    return GenericBackendV2(6, coupling_map=edges + [edge[::-1] for edge in edges], noise_info=False).target


@pytest.mark.parametrize("neuron", [Neuron(), Neuron(1, 2), Neuron(2, 1)], ids=str)
def test_packed_and_unpacked_runs_agree_on_an_ideal_device(neuron):
    """Joint distributions; eight chi-square tests in all, each with false-alarm probability 1e-6."""
    template = Template(neuron, 3)
    rng = np.random.default_rng(5)
    phi = rng.uniform(0, np.pi, (3, *template.phi_shape))
    theta = rng.uniform(-2, 2, (3, *template.theta_shape))
    table = EvaluationTable(template, phi, theta, shots=4_000)
    packed = SamplerEngine(SamplerV2(seed=3), ideal_target(), placement=Placement(pack="auto"))
    assert len(packed._programs.groups(template)) == 6 // (neuron.io_qubits + neuron.memory_qubits)
    ours = packed.run(table)
    reference = open_engine("exact", seed=4).run(table)
    for row in range(3):
        assert_same_distribution(ours[row].reshape(4_000, -1), reference[row].reshape(4_000, -1))


def test_each_group_has_its_own_noise():
    """Each row against the exact engine on that row's pair; chi-square, false alarm 1e-6 each."""
    template = Template(Neuron(), 4)
    rng = np.random.default_rng(6)
    phi = np.tile(rng.uniform(0, np.pi, (1, *template.phi_shape)), (5, 1, 1))
    theta = np.zeros((5, *template.theta_shape))
    layout = (5, 6, 112, 126, 43, 34)
    table = EvaluationTable(template, phi, theta, shots=4_000)
    packed = open_engine("fake_brisbane", seed=1, placement=Placement(layout)).run(table)
    for row in range(5):
        group = layout[2 * (row % 3) : 2 * (row % 3) + 2]
        alone = open_engine("exact:fake_brisbane", seed=2, placement=Placement(group)).run(table)
        assert_same_distribution(packed[row].reshape(4_000, -1), alone[row].reshape(4_000, -1))


def test_values_and_spikes_go_to_their_group_and_come_back():
    template = Template(Neuron(), 2)
    packed = pack_neurons(template, fake_backend("fake_nairobi"), ((0, 1), (5, 6)))
    angles = np.arange(3 * 8, dtype=float).reshape(3, 8)
    values = packed.values(angles)
    assert values.shape == (2, 16)
    for name, value in zip(packed.circuit.parameters, values[0], strict=True):
        group, column = int(name.vector.name[-1]), name.index
        assert value == angles[group, column]
    assert (values[1][packed.columns[:, 0] == 1] == 0).all()  # no fourth evaluation
    bits = [np.full((2, 7, 2), k, np.uint8) for k in range(2)]
    assert packed.spikes(bits, 3)[:, 0, 0, 0].tolist() == [0, 1, 0]


def test_groups_that_overlap_are_refused():
    with pytest.raises(UsageError, match="overlap another group's"):
        pack_neurons(PAIR, fake_backend("fake_nairobi"), ((0, 1), (1, 2)))


@pytest.mark.parametrize(
    ("placement", "message"),
    [
        ({"pack": 0}, "pack is 0"),
        ({"pack": "some"}, "pack is 'some'"),
        ({"layout": (1, 1)}, "different qubits"),
        ({"layout": (0, 1, 2)}, "needs 2 qubits, or several times 2"),
        ({"layout": (0, 999)}, "of 0 to 126"),
        ({"pack": 99}, "room for 54"),
        ({"pack": 40, "guard_qubits": True}, "room for 3"),
    ],
)
def test_placements_that_do_not_fit(placement, message):
    with pytest.raises(UsageError, match=message):
        open_engine("exact:fake_brisbane", placement=Placement(**placement)).prepare(PAIR)


def test_ideal_simulators_have_no_qubits_to_choose():
    with pytest.raises(UsageError, match="has no qubits to choose from"):
        open_engine("aer", placement=Placement(pack=2))


@pytest.mark.parametrize("name", ["fake_brisbane", "fake_torino"])
@pytest.mark.parametrize("neuron", [Neuron(), Neuron(1, 2)], ids=["two qubits", "three qubits"])
def test_groups_that_share_a_circuit_get_what_transpiling_for_them_gives(name, neuron):
    device = fake_backend(name)
    template = Template(neuron, 2)
    groups = find_groups(template, device.target, device.name)[::4]
    packed = pack_neurons(template, device, groups)
    for k, group in enumerate(groups):
        alone = pack_neurons(template, device, (group,)).circuit
        for qubit in group:
            own = operations_on(packed.circuit, qubit, f"group_{k}[")
            assert own == operations_on(alone, qubit, "group_0["), (k, group)
            assert len(own) > 20


def operations_on(circuit, qubit, parameters):
    """What happens to a qubit, in order: names, qubits and angles."""
    found = []
    for item in circuit.data:
        qubits = [circuit.find_bit(each).index for each in item.qubits]
        if qubit in qubits:
            angles = [str(value).replace(parameters, "group[") for value in item.operation.params]
            found.append((item.operation.name, qubits, angles))
    return found
