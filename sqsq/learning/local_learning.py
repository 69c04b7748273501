"""The local learning rule, Algorithm 1: hidden spikes, local perturbations, broadcast feedback.

A rule is a pure, seeded generator: it yields tables of what must be measured, receives spikes, and
returns gradients. Their expectation approaches the gradient of eq. (15) for the estimator ``prefix``, the
shifts ``exact`` or ``sampled`` (``spsa`` as epsilon goes to 0) and the feedback ``to-go``, as M_p grows.
The estimator ``marginal`` puts p(s_t) in place of p(s_t | the neuron's earlier spikes): for neurons with
memory that is the gradient of something else, by as much as 0.99 where |g| is 2.9.
"""

from collections.abc import Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import random_generator
from sqsq.estimation import Calibration, Hits, measure
from sqsq.inference import alike, forward, neuron_blocks
from sqsq.learning.batch import Batch, LocalGradient
from sqsq.learning.current_shifts import shifted_currents
from sqsq.learning.divergence import check_gradient
from sqsq.learning.estimators import log_probability
from sqsq.learning.feedback import feedback_signal
from sqsq.learning.neuron_block import Evaluations, neuron_block
from sqsq.learning.perturbed_evaluations import perturbed_evaluations
from sqsq.learning.settings import LocalRuleSettings
from sqsq.learning.shift_rules import shifted_evaluations
from sqsq.model import Network, Parameters, feeding_sources
from sqsq.tables import IdleAnglesRequest, Plan, Template

FloatArray = NDArray[np.float64]
_COPIES = 4
"""How often angles are held while a table is put together and run, by and large."""
_SHIFTS = ("current-shift", "sampled-shift")


def local_rule(
    network: Network,
    parameters: Parameters,
    batch: Batch,
    settings: LocalRuleSettings,
    rng: np.random.Generator,
    key: tuple[str | int, ...] = (),
    calibrations: Sequence[Calibration] = (),
) -> Plan[LocalGradient]:
    """Estimate the gradient of the likelihood bound of eq. (15) by eqs. (20) and (23) to (25).

    What the estimate approaches depends on the settings: the gradient of eq. (15) for ``prefix``, with
    ``marginal`` only where neurons have no memory.

    Args:
        network: The network.
        parameters: The current w and theta.
        batch: Encoded examples.
        settings: M_syn, M_som, M_p and the variants of the rule.
        rng: The source of the perturbations.
        key: What the tables are for.
        calibrations: The readout of each kind of neuron, where the settings' mitigation corrects it.

    Yields:
        One table for each hidden layer, or one for all of them, then one for each kind of neuron, or one
        for each noise scale; where memory has no room for all neurons, block by block, outputs first.

    Returns:
        The gradients and the loss.

    Raises:
        UsageError: If batch or parameters do not fit the network, a recurrent network is to run layer by
            layer, or a calibration is missing.
        DivergenceError: If a gradient is not finite.
    """
    batch.check_fits(network)
    random_generator(rng)
    spikes = yield from forward(network, parameters, batch.inputs, network.hidden, key, settings.mode)
    outputs_first, hidden_later = _blocks(network, batch, settings)
    weights = np.zeros_like(parameters.weights)
    theta = np.zeros_like(parameters.theta)
    unknown = estimates = 0
    saved: list[int] = []

    def measured(number: int, members: tuple[int, ...]) -> Plan[tuple[Evaluations, Hits]]:
        nonlocal unknown, estimates
        idle = yield IdleAnglesRequest(network.neurons[members[0]])
        block = neuron_block(network, parameters, members, spikes, batch, idle)
        plan: Evaluations = (
            shifted_currents(block, settings, rng)
            if settings.weights in _SHIFTS
            else perturbed_evaluations(block, settings, rng)
        )
        table = plan.table(settings.m_p, (*key, "gradient", number))
        hits = yield from measure(table, plan.held, settings.estimator, settings.mitigation, calibrations)
        saved.extend([] if plan.saved is None else [plan.saved])
        unknown += int((hits.trials == 0).sum())
        estimates += hits.trials.size
        return plan, hits

    def reduce(plan: Evaluations, hits: Hits) -> None:
        members = plan.block.neurons
        is_output = np.isin(members, network.outputs)
        factor = np.where(is_output[:, None], -batch.step_weights, signal[:, :, None, :])
        for_weights, for_theta = plan.gradients(hits, factor)
        sources = feeding_sources(network, members)
        weights[np.ix_(np.array(members), sources, np.arange(for_weights.shape[-1]))] = for_weights
        theta[list(members), : for_theta.shape[-1]] = for_theta

    held = []
    for number, members in enumerate(outputs_first, start=1):
        held.append((yield from measured(number, members)))
    losses = sum(
        (_output_losses(network, plan, hits) for plan, hits in held), np.zeros(batch.inputs.shape[:3])
    )
    losses = losses * batch.step_weights
    signal = feedback_signal(losses, settings.feedback, settings.baseline) if network.hidden else losses
    while held:
        reduce(*held.pop())
    for number, members in enumerate(hidden_later, start=1 + len(outputs_first)):
        reduce(*(yield from measured(number, members)))
    loss_bound = float(losses.sum(axis=-1).mean())
    return LocalGradient(
        check_gradient(weights, theta, loss_bound, parameters),
        loss_bound,
        without_estimate=unknown / estimates,
        saved_evaluations=sum(saved) if saved else None,
    )


def _output_losses(network: Network, plan: Evaluations, hits: Hits) -> FloatArray:
    """What the output neurons of a plan add to the log-losses of eq. (22), shape (batch, M, T)."""
    outputs = np.flatnonzero(np.isin(plan.block.neurons, network.outputs))
    logarithm, _ = log_probability(plan.base(hits).select(np.s_[:, :, outputs]))
    losses: FloatArray = -logarithm.sum(axis=2)
    return losses


def _blocks(
    network: Network, batch: Batch, settings: LocalRuleSettings
) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    """Blocks of neurons that are measured together: those with output neurons, and the others.

    A kind of neuron is one block where memory has room for it, so that hardware gets one job.
    """
    examples, passes, steps, lines = batch.inputs.shape
    blocks: list[tuple[int, ...]] = []
    for kind, members in alike(network, range(len(network.neurons))):
        template = Template(kind, steps)
        nobody = np.random.default_rng(0)  # of what is shifted only the number matters
        shifts = shifted_evaluations(template, settings.shift, settings.m_som, (), nobody).rows
        moved = settings.m_syn if settings.weights != "current-shift" else prod(template.phi_shape)
        rows = 1 + 2 * moved + shifts
        angles = rows * (template.phi_shape[1] + template.theta_shape[1]) * steps
        perturbed = settings.m_syn * (lines + len(network.neurons)) * kind.io_qubits // 8  # a byte each
        numbers = examples * passes * (_COPIES * angles + perturbed)
        whole = tuple(neuron_blocks(network, members, numbers))
        if len(whole) > 1:
            parts = ([i for i in members if (i in network.outputs) == wanted] for wanted in (True, False))
            whole = tuple(block for part in parts for block in neuron_blocks(network, part, numbers))
        blocks += whole
    with_outputs = [any(i in network.outputs for i in block) for block in blocks]
    return (
        [block for block, first in zip(blocks, with_outputs, strict=True) if first],
        [block for block, first in zip(blocks, with_outputs, strict=True) if not first],
    )
