import numpy as np
import pytest

from sqsq.circuits import (
    neuron_circuit,
    neuron_circuit_for_currents,
    spikes_from_hex,
    transpile_for_device,
    transpile_ideal,
)
from sqsq.engines.fake import fake_backend
from sqsq.errors import BackendError, UsageError
from sqsq.model import Neuron
from sqsq.tables import Template
from tests import oracle
from tests.exact_circuit import circuit_joint


def random_angles(template, seed):
    rng = np.random.default_rng(seed)
    return rng.uniform(0, np.pi, template.phi_shape), rng.uniform(-2, 2, template.theta_shape)


def bind(template, phi, theta):
    compiled = neuron_circuit(template)
    values = dict(zip((*compiled.phi, *compiled.theta), [*phi.ravel(), *theta.ravel()], strict=True))
    return compiled.circuit.assign_parameters(values)


@pytest.mark.parametrize("ansatz", oracle.ENTANGLERS)
@pytest.mark.parametrize(("io", "memory", "steps"), [(1, 1, 5), (2, 1, 2), (1, 2, 4), (2, 2, 2)])
def test_joint_distribution_is_exactly_the_oracles(ansatz, io, memory, steps):
    template = Template(Neuron(io, memory, ansatz), steps)
    phi, theta = random_angles(template, seed=steps)
    exact = oracle.joint(ansatz, io, memory, phi, theta)
    assert np.abs(circuit_joint(bind(template, phi, theta)) - exact).max() < 1e-12


def test_circuit_without_rx_for_currents_that_are_not_positive():
    template = Template(Neuron(), 4)
    phi, theta = random_angles(template, seed=0)
    phi[[1, 3]] = 0
    compiled = neuron_circuit_for_currents(template, phi)
    bound = compiled.circuit.assign_parameters(dict(zip(compiled.theta, theta.ravel(), strict=True)))
    assert bind(template, phi, theta).count_ops()["rx"] - bound.count_ops()["rx"] == 2
    assert np.abs(circuit_joint(bound) - oracle.joint("partial-swap", 1, 1, phi, theta)).max() < 1e-12


def test_every_step_ends_with_measure_and_reset_of_io_between_barriers():
    template = Template(Neuron(2, 2), 3)
    circuit = neuron_circuit(template).circuit
    assert [register.name for register in (*circuit.qregs, *circuit.cregs)] == ["io", "memory", "spikes"]
    names = [item.operation.name for item in circuit.data]
    tail = ["barrier", "measure", "measure", "reset", "reset", "barrier"]
    ends = [k + 1 for k in range(len(names)) if names[k - 5 : k + 1] == tail]
    assert len(ends) == 3
    assert ends[-1] == len(names)
    for item in circuit.data:
        if item.operation.name in ("measure", "reset"):
            assert circuit.find_bit(item.qubits[0]).index < 2  # memory is never touched
    measured = [
        (circuit.find_bit(item.qubits[0]).index, circuit.find_bit(item.clbits[0]).index)
        for item in circuit.data
        if item.operation.name == "measure"
    ]
    assert measured == [(n, t * 2 + n) for t in range(3) for n in range(2)]


def test_parameters_go_step_by_step():
    compiled = neuron_circuit(Template(Neuron(2, 1), 2))
    assert [p.name for p in compiled.phi] == [f"phi[{k}]" for k in range(4)]
    assert [p.name for p in compiled.theta] == [f"theta[{k}]" for k in range(10)]


def test_barriers_keep_steps_apart_through_transpilation():
    circuit = neuron_circuit(Template(Neuron(), 5)).circuit
    transpiled = transpile_for_device(circuit, fake_backend("fake_brisbane"))
    counts = transpiled.count_ops()
    single = transpile_for_device(
        neuron_circuit(Template(Neuron(), 1)).circuit, fake_backend("fake_brisbane")
    )
    assert counts["barrier"] == 10
    for name in ("sx", "rz", "ecr"):
        assert counts[name] == 5 * single.count_ops()[name]


def test_no_parametric_controlled_rotation_is_left():
    for ansatz in oracle.ENTANGLERS:
        circuit = neuron_circuit(Template(Neuron(2, 2, ansatz), 2)).circuit
        for compiled in (circuit, transpile_ideal(circuit)):
            for item in compiled.data:
                assert len(item.qubits) == 1 or not item.operation.params or item.operation.name == "barrier"


def test_hexadecimal_bits_decode_in_order():
    # bit t*N + n: shot 0 spikes at step 0 on io qubit 1, shot 1 at step 2 on io qubit 0
    spikes = spikes_from_hex(["0x2", "0x10"], steps=3, io_qubits=2)
    assert spikes.tolist() == [[[0, 1], [0, 0], [0, 0]], [[0, 0], [0, 0], [1, 0]]]
    long = spikes_from_hex([hex(1 << 99)], steps=100, io_qubits=1)
    assert long[0, 99, 0] == 1
    assert long.sum() == 1


def test_bad_templates_and_currents():
    with pytest.raises(UsageError, match="T = 0 time steps: at least 1"):
        Template(Neuron(), 0)
    template = Template(Neuron(), 2)
    with pytest.raises(UsageError, match=r"shape \(3, 1\): this neuron needs \(2, 1\)"):
        neuron_circuit_for_currents(template, np.zeros((3, 1)))
    for bad in (-0.1, np.nan):
        with pytest.raises(UsageError, match="finite and not negative"):
            neuron_circuit_for_currents(template, [[bad], [0]])


def test_devices_that_cannot_run_neurons_say_why():
    circuit = neuron_circuit(Template(Neuron(), 2)).circuit
    with pytest.raises(BackendError, match="fake_berlin has no reset instruction"):
        transpile_for_device(circuit, fake_backend("fake_berlin"))
    with pytest.raises(BackendError, match="fake_armonk has 1 qubits: this circuit needs 2"):
        transpile_for_device(circuit, fake_backend("fake_armonk"))
