"""SPSA, eq. (24): all weights of a neuron, or all of its currents, are perturbed at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sqsq.estimation import Hits
from sqsq.learning.estimators import log_derivative, log_probability
from sqsq.learning.neuron_block import NeuronBlock
from sqsq.learning.perturbations import Perturbations, draw_perturbations
from sqsq.learning.settings import LocalRuleSettings
from sqsq.learning.shift_rules import ShiftedEvaluations, shifted_evaluations
from sqsq.tables import EvaluationTable

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PerturbedEvaluations:
    """Row 0 of each neuron is unshifted, then come M_syn positive and negative perturbations, then shifts.

    Attributes:
        block: The neurons.
        settings: The rule.
        perturbations: Of weights or currents, and of angles that are perturbed along.
        shifts: Shifts of the other angles.
        phi: Shape (batch, M, neurons, rows, T, N).
        theta: Shape (batch, M, neurons, rows, T, K).
    """

    block: NeuronBlock
    settings: LocalRuleSettings
    perturbations: Perturbations
    shifts: ShiftedEvaluations
    phi: FloatArray
    theta: FloatArray

    @property
    def held(self) -> NDArray[np.uint8]:
        """See ``Evaluations.held``."""
        return np.broadcast_to(self.block.held[:, :, :, None], self.phi.shape)

    def table(self, shots: int, key: tuple[str | int, ...]) -> EvaluationTable:
        """See ``Evaluations.table``."""
        return EvaluationTable(self.block.template, self.phi, self.theta, shots, key)

    @property
    def saved(self) -> int | None:
        """See ``Evaluations.saved``: every perturbation is measured."""
        return None

    def base(self, hits: Hits) -> Hits:
        """See ``Evaluations.base``."""
        return hits.select(np.s_[:, :, :, 0])

    def gradients(self, hits: Hits, factor: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See ``Evaluations.gradients``."""
        m_syn = self.settings.m_syn
        up, up_known = log_probability(hits.select(np.s_[:, :, :, 1 : 1 + m_syn]))
        down, down_known = log_probability(hits.select(np.s_[:, :, :, 1 + m_syn : 1 + 2 * m_syn]))
        slope = np.where(up_known & down_known, (up - down) / (2 * self.settings.epsilon), 0.0)
        images, passes, _, steps = factor.shape
        size = images * passes * steps
        drawn = self.perturbations
        along = np.einsum("bmnkt,bmnt->bmnk", slope, factor) / (size * m_syn)
        if drawn.weights is None:
            later = np.flip(np.cumsum(np.flip(slope * factor[:, :, :, None], -1), -1), -1)
            by_currents = np.einsum("bmnkt,bmnktc->bmntc", later, drawn.currents) / (size * m_syn)
            for_weights = self.block.weights_from_currents(by_currents)
        else:
            for_weights = np.einsum("bmnk,bmnksc->nsc", along, drawn.weights, optimize=True)
        if self.settings.shift == "spsa":
            return for_weights, np.einsum("bmnk,bmnkj->nj", along, drawn.theta)
        shifted = hits.select(np.s_[:, :, :, 1 + 2 * m_syn :])
        derivatives = self.shifts.derivatives(shifted.hits / hits.shots, self.theta.shape[-1])
        score, _ = log_derivative(hits.select(np.s_[:, :, :, :1]), derivatives)
        return for_weights, np.einsum("bmnjt,bmnt->nj", score, factor) / size


def perturbed_evaluations(
    block: NeuronBlock, settings: LocalRuleSettings, rng: np.random.Generator
) -> PerturbedEvaluations:
    """Draw the perturbations and the shifts of a block."""
    template, leading = block.template, block.leading
    angles = template.neuron.angles
    along = [settings.shift == "spsa" and angle.name not in block.idle for angle in angles]
    drawn = draw_perturbations(
        block.network, block.neurons, block.spikes, settings.m_syn, along, rng, settings.weights
    )
    shifts = shifted_evaluations(template, settings.shift, settings.m_som, leading, rng, skip=block.idle)
    currents = block.currents[:, :, :, None]
    moved = settings.epsilon * drawn.currents
    unmoved = np.broadcast_to(currents, (*leading, shifts.rows, *template.phi_shape))
    phi = block.angles(np.concatenate([currents, currents + moved, currents - moved, unmoved], axis=3))
    turned = settings.epsilon * drawn.theta[..., None, :].astype(float)
    offsets = np.concatenate(
        [
            np.zeros((*leading, 1, *template.theta_shape)),
            *(np.broadcast_to(sign * turned, (*turned.shape[:4], *template.theta_shape)) for sign in (1, -1)),
            shifts.theta_offsets(template),
        ],
        axis=3,
    )
    theta = block.theta[:, None, None] + offsets
    return PerturbedEvaluations(block, settings, drawn, shifts, phi, theta)
