"""Ideal local learning: the local rule with exact gradients in place of eqs. (24) and (25).

Hidden spikes are still sampled and feedback is still broadcast; only the local estimates are exact.
This is the paper's reference curve. With the estimator ``prefix`` and the feedback ``to-go`` its expectation
is the gradient of eq. (15); with ``marginal`` each local gradient is exact for p(s_t) alone.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sqsq.inference import forward, neuron_blocks, neuron_table
from sqsq.learning.batch import Batch, LocalGradient, held_spikes
from sqsq.learning.divergence import check_gradient
from sqsq.learning.feedback import feedback_signal
from sqsq.learning.neuron_block import weights_from_currents
from sqsq.learning.settings import IdealRuleSettings, LocalRuleSettings
from sqsq.model import Network, Parameters, feeding_sources, input_currents, slopes_of_angles
from sqsq.tables import Plan, ScoreRequest

FloatArray = NDArray[np.float64]
_NUMBERS = 20
"""Numbers that a neuron has at each step of a pass: angles, spikes, scores and their derivatives."""


def ideal_rule(
    network: Network,
    parameters: Parameters,
    batch: Batch,
    settings: IdealRuleSettings | LocalRuleSettings,
    key: tuple[str | int, ...] = (),
) -> Plan[LocalGradient]:
    """The exact gradients of eqs. (20) and (23) for sampled hidden spikes, of what the estimator means.

    Args:
        network: The network.
        parameters: The current w and theta.
        batch: Encoded examples.
        settings: Of these, ``estimator`` (what log p means), ``feedback``, ``baseline`` and ``mode``
            matter.
        key: What the tables are for.

    Yields:
        One table for each hidden layer, then one request for each kind of neuron, or for each
        block of so many as memory has room for.

    Returns:
        The gradients, scaled as those of ``local_rule``, and the loss.

    Raises:
        UsageError: If batch or parameters do not fit the network, or a recurrent network is to run layer by
            layer.
        DivergenceError: If a gradient is not finite.
    """
    batch.check_fits(network)
    spikes = yield from forward(network, parameters, batch.inputs, network.hidden, key, settings.mode)
    weights = np.zeros_like(parameters.weights)
    theta = np.zeros_like(parameters.theta)
    losses = np.zeros(batch.inputs.shape[:3])
    scale = 1 / losses.size
    images, passes, steps = batch.inputs.shape[:3]
    for neurons in (network.outputs, network.hidden):
        is_output = neurons == network.outputs
        signal = losses if is_output else feedback_signal(losses, settings.feedback, settings.baseline)
        for members in neuron_blocks(network, neurons, images * passes * steps * _NUMBERS):
            shape = (images, passes, len(members), steps)
            factor = np.broadcast_to(-batch.step_weights if is_output else signal[:, :, None], shape)
            currents = input_currents(network, members, parameters.weights, spikes)
            request = _request(network, parameters, members, spikes, batch, factor, settings, key)
            scores = yield request
            if is_output:
                losses = losses - batch.step_weights * scores.log_probability.reshape(shape).sum(axis=2)
            rectified = network.neurons[members[0]].definition.rectified
            by_currents = slopes_of_angles(currents, rectified) * scores.by_phi.reshape(currents.shape)
            for_weights = weights_from_currents(network, members, by_currents, spikes)
            sources = feeding_sources(network, members)
            channels = np.arange(for_weights.shape[-1])
            weights[np.ix_(np.array(members), sources, channels)] = scale * for_weights
            by_theta = scores.by_theta.sum(axis=1).reshape(-1, len(members), scores.by_theta.shape[-1])
            theta[list(members), : by_theta.shape[-1]] = scale * by_theta.sum(axis=0)
    loss_bound = float(losses.sum(axis=-1).mean())
    return LocalGradient(check_gradient(weights, theta, loss_bound, parameters), loss_bound, 0.0)


def _request(
    network: Network,
    parameters: Parameters,
    members: Sequence[int],
    spikes: NDArray[np.uint8],
    batch: Batch,
    factor: FloatArray,
    settings: IdealRuleSettings | LocalRuleSettings,
    key: tuple[str | int, ...],
) -> ScoreRequest:
    """The request for the scores of neurons of one kind; rows are (batch, M, neurons)."""
    kind = network.neurons[members[0]]
    held = held_spikes(network, members, spikes, batch.targets)[..., : kind.io_qubits]
    table = neuron_table(network, parameters, members, spikes, 1, (*key, "ideal"))
    return ScoreRequest(
        table,
        held.reshape(table.phi.shape),
        factor.reshape(-1, table.template.steps),
        given_past=settings.estimator == "prefix",
    )
