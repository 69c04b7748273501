"""The local learning rule, Algorithm 1: hidden spikes, local perturbations, broadcast feedback.

A rule is a pure, seeded generator: it yields tables of what must be measured, receives spikes, and
returns gradients. Their expectation approaches the gradient of eq. (15) for the estimator ``prefix``, the
shifts ``exact`` or ``sampled`` (``spsa`` as epsilon goes to 0) and the feedback ``to-go``, as M_p grows.
The estimator ``marginal`` puts p(s_t) in place of p(s_t | the neuron's earlier spikes): for neurons with
memory that is the gradient of something else, by as much as 0.99 where |g| is 2.9.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import mask_array, random_generator, spike_array
from sqsq.errors import UsageError
from sqsq.estimation import Calibration, Hits, measure
from sqsq.inference import alike, forward, neuron_blocks
from sqsq.learning.divergence import check_gradient
from sqsq.learning.estimators import log_derivative, log_probability
from sqsq.learning.feedback import feedback_signal
from sqsq.learning.perturbations import Perturbations, draw_perturbations
from sqsq.learning.settings import LocalRuleSettings
from sqsq.learning.shift_rules import ShiftedEvaluations, shifted_evaluations
from sqsq.model import Network, Parameters, angles_of_currents, input_currents
from sqsq.tables import EvaluationTable, IdleAnglesRequest, Plan, Template

FloatArray = NDArray[np.float64]
_COPIES = 4
"""How often angles are held while a table is put together and run, by and large."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Encoded examples.

    Attributes:
        inputs: Spikes of the input lines, an own encoding for each pass, uint8,
            shape (batch, M, T, inputs).
        targets: The spikes o^T that the output neurons should emit, uint8,
            shape (batch, T, outputs, channels).
        counted: The steps at which these targets matter, shape (T,); all if None.

    Raises:
        UsageError: If a spike is neither 0 nor 1, shapes do not fit together, or no step matters.
    """

    inputs: NDArray[np.uint8]
    targets: NDArray[np.uint8]
    counted: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        inputs = spike_array(self.inputs, "inputs", ("batch", "M", "T", "inputs"))
        examples, _, steps, _ = inputs.shape
        targets = spike_array(self.targets, "targets", (examples, steps, "outputs", "channels"))
        object.__setattr__(self, "inputs", inputs)
        object.__setattr__(self, "targets", targets)
        if self.counted is not None:
            object.__setattr__(self, "counted", mask_array(self.counted, "counted", (steps,)))

    def check_fits(self, network: Network) -> None:
        """Raise UsageError unless a network has these input lines, outputs and channels."""
        found = (self.inputs.shape[3], *self.targets.shape[2:])
        needed = (network.inputs, len(network.outputs), network.channels)
        if found != needed:
            raise UsageError(
                f"the batch has {found[0]} input lines and targets of {found[1]} outputs with {found[2]} "
                f"channels: the network has {needed[0]}, {needed[1]} and {needed[2]}"
            )

    @property
    def step_weights(self) -> FloatArray:
        """1 for the steps that count, 0 for the others, shape (T,)."""
        counted = np.ones(self.inputs.shape[2], bool) if self.counted is None else self.counted
        return counted.astype(np.float64)


@dataclass(frozen=True, eq=False)
class LocalGradient:
    """What one application of the rule estimates.

    Attributes:
        gradients: Of the bound L of eq. (15), as far as the estimator and the shifts are those of it (see
            the module), averaged over the batch, the M passes and the T steps.
        loss_bound: The estimate of L itself, eq. (16), nats, averaged over batch and passes; with
            ``marginal`` the sum of -log p(s_t), which is not that of the joint probability.
        without_estimate: The share of (evaluation, step) pairs for which no shot survived
            (``prefix`` only).
    """

    gradients: Parameters
    loss_bound: float
    without_estimate: float


@dataclass(frozen=True, eq=False)
class _Evaluations:
    """The evaluations of neurons that share a template.

    Row 0 of each neuron is unshifted, then come M_syn positive and M_syn negative perturbations, then
    shifted angles.
    """

    neurons: tuple[int, ...]
    template: Template
    perturbations: Perturbations
    shifts: ShiftedEvaluations
    phi: FloatArray  # (batch, M, neurons, rows, T, N)
    theta: FloatArray  # (batch, M, neurons, rows, T, K)
    held: NDArray[np.uint8]  # (batch, M, neurons, T, N)


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
    spikes = yield from forward(network, parameters, batch.inputs, network.hidden, key, settings.execution)
    outputs_first, hidden_later = _blocks(network, batch, settings)
    weights = np.zeros_like(parameters.weights)
    theta = np.zeros_like(parameters.theta)
    unknown = estimates = 0

    def measured(number: int, members: tuple[int, ...]) -> Plan[tuple[_Evaluations, Hits]]:
        nonlocal unknown, estimates
        plan = yield from _plan(network, parameters, members, spikes, batch, settings, rng)
        hits = yield from _measure(plan, settings, calibrations, (*key, "gradient", number))
        unknown += int((hits.trials == 0).sum())
        estimates += hits.trials.size
        return plan, hits

    def reduce(plan: _Evaluations, hits: Hits) -> None:
        is_output = np.isin(plan.neurons, network.outputs)
        factor = np.where(is_output[:, None], -batch.step_weights, signal[:, :, None, :])
        for_weights, for_theta = _neuron_gradients(plan, hits, factor, settings)
        weights[
            np.ix_(np.array(plan.neurons), plan.perturbations.sources, np.arange(for_weights.shape[-1]))
        ] = for_weights
        theta[list(plan.neurons), : for_theta.shape[-1]] = for_theta

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
    )


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
        rows = 1 + 2 * settings.m_syn + shifts
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


def _plan(
    network: Network,
    parameters: Parameters,
    neurons: tuple[int, ...],
    spikes: NDArray[np.uint8],
    batch: Batch,
    settings: LocalRuleSettings,
    rng: np.random.Generator,
) -> Plan[_Evaluations]:
    kind = network.neurons[neurons[0]]
    template = Template(kind, batch.inputs.shape[2])
    leading = (*batch.inputs.shape[:2], len(neurons))
    idle = yield IdleAnglesRequest(kind)
    turned_along = [settings.shift == "spsa" and angle.name not in idle for angle in kind.angles]
    perturbations = draw_perturbations(network, neurons, spikes, settings.m_syn, turned_along, rng)
    shifts = shifted_evaluations(template, settings.shift, settings.m_som, leading, rng, skip=idle)
    currents = input_currents(network, neurons, parameters.weights, spikes)[:, :, :, None]
    moved = settings.epsilon * perturbations.currents
    unmoved = np.broadcast_to(currents, (*leading, shifts.rows, *template.phi_shape))
    phi = angles_of_currents(
        np.concatenate([currents, currents + moved, currents - moved, unmoved], axis=3),
        kind.definition.rectified,
    )
    turned = settings.epsilon * perturbations.theta[..., None, :].astype(float)
    offsets = np.concatenate(
        [
            np.zeros((*leading, 1, *template.theta_shape)),
            *(np.broadcast_to(sign * turned, (*turned.shape[:4], *template.theta_shape)) for sign in (1, -1)),
            shifts.theta_offsets(template),
        ],
        axis=3,
    )
    theta = parameters.theta[list(neurons), None, None, : len(kind.angles)] + offsets
    held = held_spikes(network, neurons, spikes, batch.targets)[..., : kind.io_qubits]
    return _Evaluations(neurons, template, perturbations, shifts, phi, theta, held)


def held_spikes(
    network: Network, neurons: Sequence[int], spikes: NDArray[np.uint8], targets: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Targets of output neurons, sampled spikes of hidden ones, (batch, M, neurons, T, channels)."""
    held = np.moveaxis(spikes[..., [network.inputs + i for i in neurons], :], 3, 2).copy()
    for row, i in enumerate(neurons):
        if i in network.outputs:
            held[:, :, row] = targets[:, None, :, network.outputs.index(i)]
    return held


def _measure(
    plan: _Evaluations,
    settings: LocalRuleSettings,
    calibrations: Sequence[Calibration],
    key: tuple[str | int, ...],
) -> Plan[Hits]:
    """Run a plan's table and count hits, shape (batch, M, neurons, rows, T)."""
    table = EvaluationTable(plan.template, plan.phi, plan.theta, settings.m_p, key)
    held = np.broadcast_to(plan.held[:, :, :, None], plan.phi.shape)
    return measure(table, held, settings.estimator, settings.mitigation, calibrations)


def _output_losses(network: Network, plan: _Evaluations, hits: Hits) -> FloatArray:
    """What the output neurons of a plan add to the log-losses of eq. (22), shape (batch, M, T)."""
    outputs = np.flatnonzero(np.isin(plan.neurons, network.outputs))
    logarithm, _ = log_probability(hits.select(np.s_[:, :, outputs, 0]))
    losses: FloatArray = -logarithm.sum(axis=2)
    return losses


def _neuron_gradients(
    plan: _Evaluations, hits: Hits, factor: FloatArray, settings: LocalRuleSettings
) -> tuple[FloatArray, FloatArray]:
    """Gradients of the neurons of a plan.

    Args:
        plan: The evaluations.
        hits: What they measured.
        factor: What multiplies the score: -1 for output neurons, eq. (20), the feedback for hidden
            ones, eq. (23); shape (batch, M, neurons, T).
        settings: The rule.

    Returns:
        Gradients of the weights, shape (neurons, sources, N), and of theta, shape (neurons, K).
    """
    m_syn = settings.m_syn
    up, up_known = log_probability(hits.select(np.s_[:, :, :, 1 : 1 + m_syn]))
    down, down_known = log_probability(hits.select(np.s_[:, :, :, 1 + m_syn : 1 + 2 * m_syn]))
    slope = np.where(up_known & down_known, (up - down) / (2 * settings.epsilon), 0.0)
    images, passes, _, steps = factor.shape
    along = np.einsum("bmnkt,bmnt->bmnk", slope, factor) / (images * passes * steps * m_syn)
    perturbations = plan.perturbations
    for_weights = np.einsum("bmnk,bmnksc->nsc", along, perturbations.weights, optimize=True)
    if settings.shift == "spsa":
        return for_weights, np.einsum("bmnk,bmnkj->nj", along, perturbations.theta)
    shifted = hits.select(np.s_[:, :, :, 1 + 2 * m_syn :])
    derivatives = plan.shifts.derivatives(shifted.hits / hits.shots, plan.theta.shape[-1])
    base = hits.select(np.s_[:, :, :, :1])
    score, _ = log_derivative(base, derivatives)
    return for_weights, np.einsum("bmnjt,bmnt->nj", score, factor) / (images * passes * steps)
