"""Neurons that are measured together, and what all of their evaluations start from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sqsq.estimation import Hits
from sqsq.learning.batch import Batch, held_spikes
from sqsq.model import (
    Network,
    Parameters,
    angles_of_currents,
    arriving_spikes,
    feeding_sources,
    input_currents,
    slopes_of_angles,
)
from sqsq.tables import EvaluationTable, Template

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NeuronBlock:
    """Neurons that share a template, for one encoded batch.

    Attributes:
        network: The network.
        neurons: Which of its neurons.
        template: What they share.
        spikes: What all sources emit, shape (batch, M, T, sources, channels).
        currents: What reaches them, shape (batch, M, neurons, T, N).
        theta: Their angles, shape (neurons, K).
        held: The spikes that they are held to, shape (batch, M, neurons, T, N).
        idle: The names of angles that have no effect.
    """

    network: Network
    neurons: tuple[int, ...]
    template: Template
    spikes: NDArray[np.uint8]
    currents: FloatArray
    theta: FloatArray
    held: NDArray[np.uint8]
    idle: tuple[str, ...]

    @property
    def leading(self) -> tuple[int, int, int]:
        """The shape (batch, M, neurons)."""
        batch, passes, neurons = self.currents.shape[:3]
        return batch, passes, neurons

    @property
    def rectified(self) -> bool:
        """Whether negative currents turn nothing."""
        return self.template.neuron.definition.rectified

    @property
    def slopes(self) -> FloatArray:
        """The derivative of each current angle by its current, shape of ``currents``."""
        return slopes_of_angles(self.currents, self.rectified)

    def angles(self, currents: FloatArray) -> FloatArray:
        """The current angles phi of some currents."""
        return angles_of_currents(currents, self.rectified)

    def weights_from_currents(self, by_currents: FloatArray) -> FloatArray:
        """Derivatives by the weights from those by the currents, summed over the batch.

        A weight acts through the current alone: dL/dw_p = sum over t of x_{t,p} dL/dz_t.

        Args:
            by_currents: Shape of ``currents``.

        Returns:
            Shape (neurons, sources, N), of the sources that feed any of the neurons.
        """
        return weights_from_currents(self.network, self.neurons, by_currents, self.spikes)


class Evaluations(Protocol):
    """What is measured of a block, and how it becomes gradients."""

    @property
    def block(self) -> NeuronBlock:
        """The neurons."""

    @property
    def held(self) -> NDArray[np.uint8]:
        """The spikes that each evaluation is held to, with the leading axes of the table."""

    def table(self, shots: int, key: tuple[str | int, ...]) -> EvaluationTable:
        """The evaluations."""

    @property
    def saved(self) -> int | None:
        """How many evaluations were left out because they cannot matter; None where none ever is."""

    def base(self, hits: Hits) -> Hits:
        """The unshifted evaluations, shape (batch, M, neurons, T)."""

    def gradients(self, hits: Hits, factor: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gradients, averaged over the batch, the M passes and the T steps.

        Args:
            hits: What the table measured.
            factor: What multiplies the score: -1 for output neurons, eq. (20), the feedback for hidden
                ones, eq. (23); shape (batch, M, neurons, T).

        Returns:
            By the weights, shape (neurons, sources, N), and by theta, shape (neurons, K).
        """


def neuron_block(
    network: Network,
    parameters: Parameters,
    neurons: tuple[int, ...],
    spikes: NDArray[np.uint8],
    batch: Batch,
    idle: tuple[str, ...],
) -> NeuronBlock:
    """Neurons that share a template, with what reaches them."""
    kind = network.neurons[neurons[0]]
    return NeuronBlock(
        network,
        neurons,
        Template(kind, batch.inputs.shape[2]),
        spikes,
        input_currents(network, neurons, parameters.weights, spikes),
        parameters.theta[list(neurons), : len(kind.angles)],
        held_spikes(network, neurons, spikes, batch.targets)[..., : kind.io_qubits],
        idle,
    )


def weights_from_currents(
    network: Network, neurons: Sequence[int], by_currents: FloatArray, spikes: NDArray[np.uint8]
) -> FloatArray:
    """See ``NeuronBlock.weights_from_currents``."""
    sources = feeding_sources(network, neurons)
    total = np.zeros((len(neurons), len(sources), by_currents.shape[-1]))
    for edges, arriving in arriving_spikes(network, neurons, sources, spikes):
        own = arriving[..., : by_currents.shape[-1]].astype(np.float64)
        total += edges[..., None] * np.einsum("bmntc,bmtsc->nsc", by_currents, own, optimize=True)
    return total
