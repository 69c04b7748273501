"""Exact shifts of the currents: the gradients of all weights of a neuron, whatever its fan-in.

A weight acts on a neuron through the current alone, dL/dw_p = sum over t of x_{t,p} dL/dz_t, and the current
is the angle phi_t of one RX, in which every probability has frequency 1. So

    dp_{t'}/dphi_t = [p_{t'}(phi_t + pi/2) - p_{t'}(phi_t - pi/2)] / 2,  t' >= t,

exactly, with dphi/dz = pi where z > 0. A step whose current turns nothing, or at which nothing arrives, has
no derivative that matters, and costs nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sqsq.errors import UsageError
from sqsq.estimation import Hits
from sqsq.learning.estimators import log_derivative, log_probability
from sqsq.learning.neuron_block import NeuronBlock
from sqsq.learning.settings import LocalRuleSettings
from sqsq.learning.shift_rules import ShiftedEvaluations, shifted_evaluations
from sqsq.model import input_currents
from sqsq.tables import EvaluationTable

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ShiftedCurrents:
    """Evaluations in a row: unshifted, then each chosen current up, each down, then those of the angles.

    Attributes:
        block: The neurons.
        settings: The rule.
        chosen: Which currents are shifted: places in the axes (batch, M, neurons, T, N), each (shifts,).
        weight: What each stands for, 1 unless only some were drawn, shape (shifts,).
        turned: By what the angles are moved, shape (batch, M, neurons, rows, K); SPSA of angles only.
        shifts: Shifts of the angles.
    """

    block: NeuronBlock
    settings: LocalRuleSettings
    chosen: tuple[NDArray[np.intp], ...]
    weight: FloatArray
    turned: FloatArray
    shifts: ShiftedEvaluations

    @property
    def _first(self) -> int:
        """How many unshifted evaluations there are."""
        return int(np.prod(self.block.leading))

    @property
    def _rows(self) -> NDArray[np.intp]:
        """The unshifted evaluation that each evaluation starts from."""
        base = np.arange(self._first)
        shifted = np.ravel_multi_index(self.chosen[:3], self.block.leading)
        return np.concatenate([base, shifted, shifted, np.repeat(base, self._angle_rows)])

    @property
    def _angle_rows(self) -> int:
        return 2 * self.turned.shape[3] + self.shifts.rows

    @property
    def held(self) -> NDArray[np.uint8]:
        """See ``Evaluations.held``."""
        return self.block.held.reshape(self._first, *self.block.template.phi_shape)[self._rows]

    def table(self, shots: int, key: tuple[str | int, ...]) -> EvaluationTable:
        """See ``Evaluations.table``."""
        block, template = self.block, self.block.template
        rows, shifts = self._rows, len(self.weight)
        phi = block.angles(block.currents).reshape(self._first, *template.phi_shape)[rows]
        step, channel = self.chosen[3:]
        for block_of_rows, sign in ((self._first, 1), (self._first + shifts, -1)):
            phi[block_of_rows + np.arange(shifts), step, channel] += sign * np.pi / 2
        own = np.broadcast_to(block.theta, (*block.leading, block.theta.shape[-1]))
        theta = np.repeat(own.reshape(self._first, 1, -1)[rows], template.steps, axis=1)
        last = self._first + 2 * shifts
        turned = np.concatenate([self.turned, -self.turned], axis=3)[..., None, :]
        turned = np.broadcast_to(turned, (*turned.shape[:4], *template.theta_shape))
        offsets = np.concatenate([turned, self.shifts.theta_offsets(template)], axis=3)
        theta[last:] += offsets.reshape(-1, *template.theta_shape)
        return EvaluationTable(template, phi, theta, shots, key)

    @property
    def saved(self) -> int | None:
        """See ``Evaluations.saved``: two for each current that does not matter, of those that were wanted."""
        wanted = self._first * int(np.prod(self.block.template.phi_shape))
        if self.settings.weights == "sampled-shift":
            wanted = self._first * self.settings.m_syn
        return 2 * (wanted - len(self.weight))

    def base(self, hits: Hits) -> Hits:
        """See ``Evaluations.base``."""
        return hits.select(slice(self._first)).reshape(*self.block.leading, self.block.template.steps)

    def gradients(self, hits: Hits, factor: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See ``Evaluations.gradients``."""
        first, shifts, steps = self._first, len(self.weight), self.block.template.steps
        *evaluation, step, _ = self.chosen
        difference = (hits.hits[first : first + shifts] - hits.hits[first + shifts : first + 2 * shifts]) / 2
        later = np.arange(steps) >= step[:, None]  # a shift changes no earlier spike
        base = self.base(hits)
        score, _ = log_derivative(
            base.select(tuple(evaluation)), np.where(later, difference / hits.shots, 0.0)
        )
        by_phi = np.zeros(self.block.currents.shape)
        by_phi[self.chosen] = self.weight * (score * factor[tuple(evaluation)]).sum(axis=-1)
        size = factor.shape[0] * factor.shape[1] * steps
        for_weights = self.block.weights_from_currents(self.block.slopes * by_phi) / size
        angles = hits.select(slice(first + 2 * shifts, None))
        return for_weights, self._by_theta(angles, base, factor) / size

    def _by_theta(self, hits: Hits, base: Hits, factor: FloatArray) -> FloatArray:
        """Gradients by the angles, summed over batch, passes and steps, shape (neurons, K)."""
        shape = (*self.block.leading, self._angle_rows, self.block.template.steps)
        if not self._angle_rows:
            return np.zeros(self.block.theta.shape)
        hits = hits.reshape(*shape)
        drawn = self.turned.shape[3]
        if drawn:
            up, up_known = log_probability(hits.select(np.s_[:, :, :, :drawn]))
            down, down_known = log_probability(hits.select(np.s_[:, :, :, drawn : 2 * drawn]))
            epsilon = self.settings.epsilon
            slope = np.where(up_known & down_known, (up - down) / (2 * epsilon), 0.0)
            along = np.einsum("bmnkt,bmnt->bmnk", slope, factor) / drawn
            found: FloatArray = np.einsum("bmnk,bmnkj->nj", along, self.turned / epsilon)
            return found
        derivatives = self.shifts.derivatives(hits.hits / hits.shots, self.block.theta.shape[-1])
        score, _ = log_derivative(base.select(np.s_[:, :, :, None]), derivatives)
        by_theta: FloatArray = np.einsum("bmnjt,bmnt->nj", score, factor)
        return by_theta


def shifted_currents(
    block: NeuronBlock, settings: LocalRuleSettings, rng: np.random.Generator
) -> ShiftedCurrents:
    """Plan the shifts of a block: of all currents that matter, or of M_syn of them a neuron and pass.

    Raises:
        UsageError: If more currents are to be drawn than there are.
    """
    matters = (block.slopes != 0) & _arrives(block)
    chosen, weight = matters, np.ones(matters.shape)
    if settings.weights == "sampled-shift":
        check_drawn(settings.m_syn, *block.template.phi_shape)
        chosen, weight = _draw(matters, settings.m_syn, rng)
    leading, angles = block.leading, block.template.neuron.angles
    turned = np.zeros((*leading, 0, len(angles)))
    if settings.shift == "spsa":
        moved = np.array([angle.name not in block.idle for angle in angles], float)
        drawn = 2.0 * rng.integers(2, size=(*leading, settings.m_som, len(angles))) - 1
        turned = settings.epsilon * drawn * moved
    shifts = shifted_evaluations(
        block.template, settings.shift, settings.m_som, leading, rng, skip=block.idle
    )
    places = np.nonzero(chosen)
    return ShiftedCurrents(block, settings, places, weight[places], turned, shifts)


def check_drawn(m_syn: int, steps: int, io_qubits: int) -> None:
    """Raise UsageError if more currents of a neuron are to be drawn than it has."""
    if m_syn > steps * io_qubits:
        raise UsageError(
            f"M_syn is {m_syn}: sampled-shift draws among T N = {steps * io_qubits} currents of a neuron"
        )


def _draw(
    matters: NDArray[np.bool_], count: int, rng: np.random.Generator
) -> tuple[NDArray[np.bool_], FloatArray]:
    """Some of the currents that matter, without replacement, each weighted to be unbiased."""
    flat = matters.reshape(*matters.shape[:3], -1)
    order = np.where(flat, rng.random(flat.shape), 2.0)
    ranks = order.argsort(axis=-1).argsort(axis=-1)
    chosen = flat & (ranks < count)
    weight = np.maximum(flat.sum(axis=-1, keepdims=True) / count, 1.0) * np.ones(flat.shape)
    return chosen.reshape(matters.shape), weight.reshape(matters.shape)


def _arrives(block: NeuronBlock) -> NDArray[np.bool_]:
    """Where any spike arrives, shape of the currents."""
    neurons, sources = block.network.delays.shape
    ones = np.ones((neurons, sources, block.network.channels))
    return input_currents(block.network, block.neurons, ones, block.spikes) > 0
