"""The engine ``lif``: stochastic LIF neurons, sampled and scored exactly."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from sqsq.engines.lif.neuron import NAME, SLOPE, membrane_constants, sigmoid
from sqsq.engines.lif.scores import conditional_scores, joint_probabilities, marginal_scores
from sqsq.errors import BackendError, UsageError
from sqsq.tables import (
    EvaluationTable,
    NetworkTable,
    RowGroups,
    ScoreRequest,
    Scores,
    Spikes,
    Table,
    Template,
    one_group,
)

STEP_LIMIT = 16
"""T above which marginal scores and joint distributions, sums over 2^T histories, are refused."""
_CHUNK = 2**20
"""Histories of a chunk of rows."""
_SHOT_SECONDS = 3e-8
"""About what one step of one shot takes on one core."""


class LifEngine:
    """Runs and scores tables of LIF neurons, whose angles mean what ``lif_neuron`` says.

    Results depend on the seed and the table alone.
    """

    def __init__(self, seed: int = 0) -> None:
        """Make an engine.

        Args:
            seed: The seed of all random numbers.
        """
        self._seed = seed

    @property
    def name(self) -> str:
        """The name of the backend."""
        return NAME

    @property
    def identity(self) -> str:
        """See ``IdentifiedEngine.identity``."""
        return f"{NAME} seed {self._seed}"

    def prepare(self, template: Template) -> None:
        """See ``Engine.prepare``.

        Raises:
            BackendError: If the neuron is another one.
        """
        if template.neuron.ansatz != NAME:
            raise BackendError(f"the engine {NAME} runs {NAME} neurons, not {template.neuron.ansatz}")

    def rows_per_chunk(self, table: Table, seconds: float) -> int:
        """See ``Engine.rows_per_chunk``."""
        return max(round(seconds / (_SHOT_SECONDS * table.spikes_shape[2] * table.shots)), 1)

    def groups_of(self, table: EvaluationTable) -> RowGroups:
        """See ``Engine.groups_of``: there are no qubits."""
        return one_group(table)

    def run(self, table: Table) -> Spikes:
        """Draw spikes; see ``Engine.run``.

        Raises:
            BackendError: If a whole network is to run at once.
        """
        if isinstance(table, NetworkTable):
            raise BackendError(f"the engine {NAME} runs networks layer by layer: choose --forward layered")
        self.prepare(table.template)
        seed = hashlib.sha256(f"{self._seed}/".encode() + table.fingerprint).digest()
        rng = np.random.default_rng(int.from_bytes(seed, "little"))
        leak, threshold, reset = (constant[:, None] for constant in membrane_constants(table.theta))
        spikes = np.empty(table.spikes_shape, np.uint8)
        membrane = np.zeros(spikes.shape[:2])
        for t in range(table.template.steps):
            if t:
                membrane *= leak[..., t] * (1 - reset[..., t] * spikes[:, :, t - 1, 0])
            membrane += table.phi[:, None, t, 0]
            chance = sigmoid(SLOPE * (membrane - threshold[..., t]))
            spikes[:, :, t, 0] = rng.random(chance.shape) < chance
        return spikes

    def score(self, request: ScoreRequest) -> Scores:
        """Exact probabilities and derivatives; see ``ExactAnswers``.

        Raises:
            UsageError: If marginal ones are asked for and T is above 16.
        """
        table = request.table
        self.prepare(table.template)
        phi, held = table.phi[..., 0], request.held[..., 0]
        if request.given_past:
            return conditional_scores(phi, table.theta, held, request.factor)
        steps = _check_steps(table)
        size = max(_CHUNK >> steps, 1)
        chunks = (slice(first, first + size) for first in range(0, table.evaluations, size))
        parts = [
            marginal_scores(phi[rows], table.theta[rows], held[rows], request.factor[rows]) for rows in chunks
        ]
        return Scores(
            np.concatenate([part.log_probability for part in parts]),
            np.concatenate([part.by_phi for part in parts]),
            np.concatenate([part.by_theta for part in parts]),
        )

    def joint(self, table: EvaluationTable) -> NDArray[np.float64]:
        """The joint distribution of all spikes, shape (evaluations, 2, ..., 2), one axis a step.

        Raises:
            UsageError: If T is above 16.
        """
        self.prepare(table.template)
        _check_steps(table)
        return joint_probabilities(table.phi[..., 0], table.theta)


def _check_steps(table: EvaluationTable) -> int:
    steps = table.template.steps
    if steps > STEP_LIMIT:
        raise UsageError(
            f"{steps} steps have 2^{steps} histories: at most 2^{STEP_LIMIT}; the estimator prefix needs none"
        )
    return steps
