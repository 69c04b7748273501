"""Networks placed on devices: the same distribution in the device's gates, and the device's limits."""

import numpy as np
import pytest
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.providers.fake_provider import GenericBackendV2

from sqsq.circuits.fused import fuse
from sqsq.circuits.fused_site import device_site, place_neurons
from sqsq.circuits.limits import broadcasts, check_limits, circuit_limits
from sqsq.engines.fake import fake_backend
from sqsq.errors import BackendError
from sqsq.model import Neuron, Parameters, network_from_edges
from sqsq.tables.fused_plan import plan_fused
from tests import oracle
from tests.exact_circuit import circuit_joint

LINE = [[a, b] for k in range(5) for a, b in ((k, k + 1), (k + 1, k))]


def small_network(neurons, seed=0):
    """Neuron 0 feeds 1 in the same step; the last feeds 0 a step later."""
    count = len(neurons)
    edges = [(0, 0), (0, 1), (1, 1), *((1 + k, k + 1) for k in range(1, count - 1))]
    network = network_from_edges(1, neurons, edges, (count - 1,))
    rng = np.random.default_rng(seed)
    weights = rng.uniform(-0.5, 0.9, (count, 1 + count, network.channels)) * (network.delays != -1)[..., None]
    theta = np.zeros((count, max(len(neuron.angles) for neuron in neurons)))
    for i, neuron in enumerate(neurons):
        theta[i, : len(neuron.angles)] = rng.uniform(-1, 1, len(neuron.angles))
    return network, Parameters(weights, theta), np.ones((1, 2, 1), np.uint8)


@pytest.mark.parametrize("form", ["patterns", "moebius"])
@pytest.mark.parametrize(
    "neurons", [[Neuron()] * 3, [Neuron(1, 2), Neuron(1, 1, "memory-controlled")]], ids=["three", "two sizes"]
)
def test_the_devices_gates_give_the_oracles_distribution(form, neurons):
    network, parameters, inputs = small_network(neurons)
    device = GenericBackendV2(6, coupling_map=LINE, noise_info=False)
    angles = plan_fused(network, parameters, inputs, form=form)
    fused = fuse(angles.plan, device_site(network.neurons, device))
    gates = set(fused.circuit.count_ops()) - {"barrier", "measure", "reset", "if_else"}
    assert gates <= set(device.target.operation_names)
    values = dict(zip((*fused.phi, *fused.theta), fused.values(angles)[0], strict=True))
    used = {parameter: value for parameter, value in values.items() if parameter in fused.circuit.parameters}
    found = circuit_joint(fused.circuit.assign_parameters(used))
    expected = oracle.network_joint(network, parameters.weights, parameters.theta, inputs[0])
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_mid_circuit_measurement_where_the_device_has_it():
    network, parameters, inputs = small_network([Neuron()] * 3)
    plan = plan_fused(network, parameters, inputs).plan
    for device, name in (("fake_boston", "measure_2"), ("fake_brisbane", "measure")):
        counts = fuse(plan, device_site(network.neurons, fake_backend(device))).circuit.count_ops()
        assert counts[name] == 6


def test_neurons_of_all_sizes_get_disjoint_groups():
    neurons = [Neuron(1, 2), *[Neuron()] * 20, Neuron(2, 1)]
    edges = [(0, k) for k in range(len(neurons))]
    network = network_from_edges(1, neurons, edges, (0,))
    groups = place_neurons(network.neurons, fake_backend("fake_brisbane"))
    qubits = [qubit for group in groups for qubit in group]
    assert len(set(qubits)) == len(qubits) == 46
    assert [len(group) for group in groups] == [3, *[2] * 20, 3]


def test_a_network_too_large_for_the_device():
    network, _, _ = small_network([Neuron()] * 4)
    with pytest.raises(BackendError, match=r"4 neurons \(8 qubits\) does not fit on fake_nairobi: .* layer"):
        place_neurons(network.neurons, fake_backend("fake_nairobi"))


def test_circuits_of_networks_keep_the_limits():
    network, parameters, inputs = small_network([Neuron()] * 3)
    fused = fuse(plan_fused(network, parameters, inputs).plan)
    check_limits(fused.circuit)
    assert all(limit.kept for limit in circuit_limits(fused.circuit))
    # bits of neuron 0 and of neuron 1 travel once a step each; nobody waits for those of neuron 2
    assert broadcasts(fused.circuit) == 4


def conditional(width=1):
    circuit = QuantumCircuit(QuantumRegister(2), ClassicalRegister(width, "c"))
    circuit.measure(0, 0)
    return circuit


def test_each_broken_limit_is_named():
    nested = conditional(2)
    with nested.if_test((nested.clbits[0], 1)), nested.if_test((nested.clbits[1], 1)):
        nested.x(1)
    with pytest.raises(BackendError, match="nested conditionals: 1 of 0: use one condition"):
        check_limits(nested)
    inside = conditional()
    with inside.if_test((inside.clbits[0], 1)):
        inside.reset(1)
        inside.measure(1, 0)
    with pytest.raises(BackendError, match="measurements and resets inside a conditional: 2 of 0"):
        check_limits(inside)
    switched = conditional()
    with switched.switch(switched.clbits[0]) as case, case(1):
        switched.x(1)
    with pytest.raises(BackendError, match="control flow other than if: 1 of 0"):
        check_limits(switched)
    wide = conditional(40)
    with wide.if_test((wide.cregs[0], 5)):
        wide.x(1)
    with pytest.raises(BackendError, match="bits of a condition: 40 of 32"):
        check_limits(wide)
    chatty = conditional()
    for _ in range(301):
        chatty.measure(0, 0)
        with chatty.if_test((chatty.clbits[0], 1)):
            chatty.x(1)
    with pytest.raises(BackendError, match="broadcasts of measured bits: 301 of 300"):
        check_limits(chatty)
    with pytest.raises(BackendError, match=r"executions of a job: 10,000,001 of 10,000,000"):
        check_limits(conditional(), shots=10_000_001)
