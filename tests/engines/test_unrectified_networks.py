"""Neurons that a negative current inhibits, layered and fused, on every engine, against the oracle."""

import numpy as np
import pytest
from click.testing import CliRunner
from qiskit import QuantumCircuit
from qiskit.circuit import ParameterVector
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit_aer.primitives import SamplerV2

from sqsq.circuits import neuron_circuit_for_currents
from sqsq.circuits.fused import fuse
from sqsq.cli.main import cli
from sqsq.engines import SamplerEngine, open_engine
from sqsq.errors import UsageError
from sqsq.inference.forward_passes import forward
from sqsq.jobs import drive
from sqsq.model import Neuron, Parameters, ansatz_from_circuit, network_from_edges
from sqsq.tables import Template, network_table
from sqsq.tables.fused_plan import plan_fused
from tests import oracle
from tests.exact_circuit import circuit_joint
from tests.statistics import assert_drawn_from

SHOTS = 10_000
NAME = "inhibited"


def inhibited_neuron():
    """A partial swap without rectification."""
    theta = ParameterVector("theta", 3)
    circuit = QuantumCircuit(2)
    Neuron().append(circuit, circuit.qubits[:1], circuit.qubits[1:], theta)
    ansatz_from_circuit(NAME, circuit, io_qubits=1, theta=theta, rectified=False)
    return Neuron(ansatz=NAME)


def inhibited_network(recurrent):
    """Two hidden neurons and an output; most weights inhibit."""
    edges = [(0, 0), (1, 1), (2, 1), (2, 2), (3, 2, 1), (0, 2)]
    if recurrent:
        edges.append((3, 0, 1))
    network = network_from_edges(2, [inhibited_neuron()] * 3, edges, [2])
    rng = np.random.default_rng(12)
    weights = rng.uniform(-0.9, 0.3, (3, 5, 1)) * (network.delays != -1)[..., None]
    return (
        network,
        Parameters(weights, rng.uniform(-1, 1, (3, 3))),
        np.array([[1, 0], [1, 1], [0, 1]], np.uint8),
    )


def expected_joint(network, parameters, inputs, rectified=False):
    return oracle.network_joint(
        network, parameters.weights, parameters.theta, inputs, entangler="partial-swap", rectified=rectified
    )


def test_rectifying_would_show():
    network, parameters, inputs = inhibited_network(False)
    ours, other = (expected_joint(network, parameters, inputs, flag) for flag in (False, True))
    assert np.abs(ours - other).sum() / 2 > 0.3


@pytest.mark.parametrize("form", ["patterns", "moebius", None])
@pytest.mark.parametrize("recurrent", [True, False])
def test_the_circuit_is_exactly_the_oracles_network(form, recurrent):
    network, parameters, inputs = inhibited_network(recurrent)
    angles = plan_fused(network, parameters, inputs[None], form=form)
    fused = fuse(angles.plan)
    values = dict(zip((*fused.phi, *fused.theta), fused.values(angles)[0], strict=True))
    used = {parameter: value for parameter, value in values.items() if parameter in fused.circuit.parameters}
    found = circuit_joint(fused.circuit.assign_parameters(used))
    np.testing.assert_allclose(found, expected_joint(network, parameters, inputs), atol=1e-9)


@pytest.mark.parametrize("backend", ["exact", "aer"])
@pytest.mark.parametrize("mode", ["layered", "fused"])
def test_fused_and_layered_have_the_same_joint_distribution(backend, mode):
    """False alarm 1e-6 each."""
    network, parameters, inputs = inhibited_network(False)
    shots = SHOTS if backend == "exact" else 2_000
    passes = np.broadcast_to(inputs, (1, shots, *inputs.shape))
    step = forward(network, parameters, passes, range(3), mode=mode)
    spikes, _ = drive(step, open_engine(backend, seed=6))
    own = np.moveaxis(spikes[0, :, :, 2:, 0], 2, 1).reshape(shots, -1)
    assert_drawn_from(own, expected_joint(network, parameters, inputs))


def test_a_sampler_runs_them_recurrently():
    """False alarm 1e-6."""
    network, parameters, inputs = inhibited_network(True)
    device = GenericBackendV2(6, coupling_map=[[k, k + 1] for k in range(5)], noise_info=False)
    engine = SamplerEngine(SamplerV2(seed=3), device.target)
    spikes = engine.run(network_table(network, parameters, range(3), inputs[None], SHOTS))
    own = np.moveaxis(spikes[0, ..., 0], 2, 1).reshape(SHOTS, -1)
    assert_drawn_from(own, expected_joint(network, parameters, inputs))


def test_a_neurons_circuit_turns_backwards():
    template = Template(inhibited_neuron(), 3)
    compiled = neuron_circuit_for_currents(template, [[-0.4], [0.0], [1.1]])
    turned = [item.operation.params[0] for item in compiled.circuit.data if item.operation.name == "rx"]
    bound = [float(angle) for angle in turned if not getattr(angle, "parameters", ())]
    assert [angle for angle in bound if abs(abs(angle) - np.pi / 2) > 1e-12] == [-0.4, 1.1]
    with pytest.raises(UsageError, match="must be finite and not negative"):
        neuron_circuit_for_currents(Template(Neuron(), 3), [[-0.4], [0.0], [1.1]])
    with pytest.raises(UsageError, match=r"must be a finite number$"):
        neuron_circuit_for_currents(template, [[np.inf], [0.0], [1.1]])


def test_the_command_line_turns_backwards():
    inhibited_neuron()
    arguments = [
        "compile",
        "neuron",
        "--steps",
        "2",
        "--ansatz",
        NAME,
        "--currents=-0.1,0.2",
        "--format",
        "text",
    ]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    assert "Rx(-π/10)" in result.output
