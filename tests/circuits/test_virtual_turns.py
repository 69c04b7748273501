import numpy as np
import pytest

from sqsq.circuits import cut_circuit, merge_virtual_turns, neuron_circuit, transpile_for_device, used_qubits
from sqsq.engines.fake import fake_backend
from sqsq.model import Neuron
from sqsq.tables import Template
from tests import oracle
from tests.exact_circuit import circuit_joint


@pytest.mark.parametrize("ansatz", oracle.ENTANGLERS)
def test_merging_keeps_the_joint_distribution(ansatz):
    template = Template(Neuron(ansatz=ansatz), 3)
    compiled = neuron_circuit(template)
    device = transpile_for_device(compiled.circuit, fake_backend("fake_brisbane"))
    small = cut_circuit(device, used_qubits(device))
    merged = merge_virtual_turns(small)
    assert merged.count_ops()["rz"] < 0.75 * small.count_ops()["rz"]
    for name in ("sx", "ecr", "measure", "reset"):
        assert merged.count_ops()[name] == small.count_ops()[name]
    rng = np.random.default_rng(0)
    phi, theta = rng.uniform(0, 3, template.phi_shape), rng.uniform(-2, 2, template.theta_shape)
    values = dict(zip((*compiled.phi, *compiled.theta), [*phi.ravel(), *theta.ravel()], strict=True))
    assert (
        np.abs(circuit_joint(merged.assign_parameters(values)) - oracle.joint(ansatz, 1, 1, phi, theta)).max()
        < 1e-12
    )
