"""Circuits that are written out: refused by their size before they are built, bound quickly."""

import numpy as np
import pytest

from sqsq import Neuron, Parameters, fully_connected, initial_parameters
from sqsq.circuits.binding import bind_parameters
from sqsq.circuits.emission import check_drawing_size, check_network_size, check_plan_size
from sqsq.circuits.fused import fuse
from sqsq.errors import UsageError
from sqsq.tables.fused_plan import plan_fused


def signed(network):
    """Parameters of which every other weight is negative."""
    parameters = initial_parameters(network, 1.0, np.random.default_rng(0))
    sign = np.where(np.indices(parameters.weights.shape).sum(axis=0) % 2, -1, 1)
    return Parameters(parameters.weights * sign, parameters.theta)


def test_networks_too_large():
    small, wide = fully_connected(2, (2, 2)), fully_connected(2, (10, 98))
    check_network_size(small, signed(small).weights, 500)
    with pytest.raises(
        UsageError, match=r"501 steps of 4 neurons are 2,004 steps of qubit pairs .* at most 2,000"
    ):
        check_network_size(small, signed(small).weights, 501)
    with pytest.raises(UsageError, match="have 100,352 patterns: at most 100,000"):
        check_network_size(wide, signed(wide).weights, 1)
    check_network_size(wide, np.abs(signed(wide).weights), 1)
    big = fully_connected(1, (1,), Neuron(50, 50))
    with pytest.raises(UsageError, match="1 steps of 1 neurons are 2,500"):
        check_network_size(big, signed(big).weights, 1)


def test_plans_too_large():
    network = fully_connected(2, (8, 8))
    steps = 20
    spikes = np.ones((1, steps, 2), np.uint8)
    plan = plan_fused(network, signed(network), spikes).plan
    with pytest.raises(
        UsageError, match=r"20 steps of [\d,]+ conditional rotations are [\d,]+: at most 5,000"
    ):
        check_plan_size(plan)


def test_drawings_too_large():
    check_drawing_size(10**6, "qasm3")
    check_drawing_size(1_000, "text")
    with pytest.raises(
        UsageError, match=r"a drawing \(text\) of 1,001 operations is too large: at most 1,000"
    ):
        check_drawing_size(1_001, "text")


@pytest.mark.parametrize("ansatz", ["partial-swap", "memory-controlled"])
def test_binding_is_that_of_qiskit(ansatz):
    network = fully_connected(2, (3, 2), Neuron(ansatz=ansatz))
    angles = plan_fused(network, signed(network), np.ones((1, 2, 2), np.uint8))
    fused = fuse(angles.plan)
    values = dict(zip((*fused.phi, *fused.theta), fused.values(angles)[0].tolist(), strict=True))
    own = {p: v for p, v in values.items() if p in fused.circuit.parameters}
    bound = bind_parameters(fused.circuit, values)
    assert not bound.parameters
    assert bound == fused.circuit.assign_parameters(own)
