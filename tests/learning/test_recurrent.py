"""Hidden neurons that feed each other, or an output later: the expected gradient by enumeration."""

from itertools import combinations_with_replacement, permutations, product

import numpy as np
import pytest

from sqsq.engines import open_engine
from sqsq.errors import UsageError
from sqsq.inference.forward_passes import forward
from sqsq.jobs import drive
from sqsq.learning import Batch, LocalRuleSettings, ideal_rule
from sqsq.model import Neuron, Parameters, network_from_edges
from sqsq.tables import NetworkTable, ScoreRequest
from tests import oracle

STEPS = 2
INPUTS = np.ones((STEPS, 1), np.uint8)
TARGET = np.array([1, 0], np.uint8)
NETWORKS = {
    "same step": [(0, 0), (0, 1), (1, 2), (2, 2)],
    "delayed": [(0, 0), (0, 1), (1, 2, 1), (2, 2)],
    "recurrent": [(0, 0), (0, 1), (1, 1, 1), (2, 0, 1), (1, 2), (2, 2, 1)],
}


def small_network(edges):
    """Two hidden neurons and an output."""
    network = network_from_edges(1, [Neuron()] * 3, edges, [2])
    rng = np.random.default_rng(1)
    weights = rng.uniform(0.2, 0.5, (3, 4, 1)) * (network.delays != -1)[..., None]
    return network, Parameters(weights, rng.uniform(-1, 1, (3, 3)))


def loss_and_histories(network, parameters):
    """The bound of eq. (15) and the distribution of hidden spikes, from the oracle alone."""
    joint = oracle.network_joint(network, parameters.weights, parameters.theta, INPUTS)
    hidden = joint.sum(axis=tuple(range(2 * STEPS, 3 * STEPS)))
    hit = joint[(..., *TARGET)]
    likely = hidden > 0
    return -(hidden[likely] * np.log(hit[likely] / hidden[likely])).sum(), hidden


def gradient_by_differences(network, parameters, step=1e-4):
    """Of the bound, by every weight and angle of the hidden neurons."""
    found = Parameters(np.zeros_like(parameters.weights), np.zeros_like(parameters.theta))
    for name, array in (("weights", found.weights), ("theta", found.theta)):
        for place in np.ndindex(array.shape):
            if place[0] == 2 or (name == "weights" and network.delays[place[:2]] == -1):
                continue
            values = []
            for sign in (1, -1):
                moved = {"weights": parameters.weights.copy(), "theta": parameters.theta.copy()}
                moved[name][place] += sign * step
                values.append(loss_and_histories(network, Parameters(**moved))[0])
            array[place] = (values[0] - values[1]) / (2 * step)
    return found


def run_with(network, parameters, settings, histories):
    """The ideal rule with given hidden spikes, shape (passes, T, 2), whatever the mode asks for."""
    passes = len(histories)
    batch = Batch(np.repeat(INPUTS[None, None], passes, axis=1), TARGET.reshape(1, STEPS, 1, 1))
    engine = open_engine("exact")
    step = ideal_rule(network, parameters, batch, settings)
    request = next(step)
    layer = 0
    while True:
        if isinstance(request, NetworkTable):
            answer = histories[:, None, :, :, None]
        elif isinstance(request, ScoreRequest):
            answer = engine.score(request)
        else:
            rows = histories[..., [layer]] if request.evaluations == passes else histories
            answer = np.moveaxis(rows, 2, 1).reshape(-1, 1, STEPS, 1)
            layer += rows.shape[-1]
        try:
            request = step.send(answer)
        except StopIteration as stop:
            return stop.value.gradients


@pytest.mark.matrix(keep=2)
@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("baseline", ["none", "passes"])
def test_the_expected_gradient_is_that_of_equation_15(kind, baseline):
    """All pairs of histories of two passes, each with its exact probability."""
    network, parameters = small_network(NETWORKS[kind])
    _, hidden = loss_and_histories(network, parameters)
    histories = [np.array(bits, np.uint8).reshape(2, STEPS).T for bits in product((0, 1), repeat=2 * STEPS)]
    chances = hidden.ravel()
    mode = "fused" if kind == "recurrent" else "layered"
    settings = LocalRuleSettings(
        m=1 if baseline == "none" else 2, estimator="prefix", baseline=baseline, mode=mode
    )
    total = Parameters(np.zeros_like(parameters.weights), np.zeros_like(parameters.theta))
    for choice in combinations_with_replacement(range(len(histories)), settings.m):
        orders = len(set(permutations(choice)))  # the order of passes plays no part
        chance = orders * np.prod([chances[k] for k in choice])
        found = run_with(network, parameters, settings, np.stack([histories[k] for k in choice]))
        total = Parameters(total.weights + chance * found.weights, total.theta + chance * found.theta)
    expected = gradient_by_differences(network, parameters)
    # the rule averages over T where eq. (15) sums
    np.testing.assert_allclose(STEPS * total.theta[:2], expected.theta[:2], atol=1e-6)
    np.testing.assert_allclose(STEPS * total.weights[:2], expected.weights[:2], atol=1e-6)
    assert np.abs(expected.weights).max() > 0.01


def test_a_recurrent_network_cannot_run_layer_by_layer():
    network, parameters = small_network(NETWORKS["recurrent"])
    step = forward(network, parameters, INPUTS[None, None], range(3))
    with pytest.raises(UsageError, match="a recurrent network cannot run layer by layer"):
        drive(step, open_engine("exact"))
