"""Exact probabilities of a table under noise, for advice before shots are spent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import real_array, whole_number
from sqsq.engines import BackendChoice, Engine, QueuedEngine, exact_engine_of, open_simulator
from sqsq.engines.exact import ExactEngine, marginals
from sqsq.estimation import Mitigation
from sqsq.tables import EvaluationTable, NoiseScale, Template

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ExactProbabilities:
    """Distributions of the spike patterns at each step; pattern b has bit n for io qubit n.

    Attributes:
        ideal: Without noise, shape (rows, T, 2^N).
        noisy: At each noise scale, shape (rows, T, 2^N).
        assignment: P(recorded | prepared) of the io qubits, shape (N, 2, 2), rows prepared: what a
            calibration finds with many shots.

    Raises:
        UsageError: If a number is not finite, or shapes do not fit together.
    """

    ideal: FloatArray
    noisy: dict[NoiseScale, FloatArray]
    assignment: FloatArray

    def __post_init__(self) -> None:
        assignment = real_array(self.assignment, "assignment", ("N", 2, 2), low=0, high=1)
        ideal = real_array(self.ideal, "ideal", ("rows", "T", 2 ** len(assignment)))
        noisy = {noise: real_array(found, "noisy", ideal.shape) for noise, found in self.noisy.items()}
        object.__setattr__(self, "assignment", assignment)
        object.__setattr__(self, "ideal", ideal)
        object.__setattr__(self, "noisy", noisy)


def exact_probabilities(
    noisy: ExactEngine,
    ideal: ExactEngine,
    table: EvaluationTable,
    mitigations: Sequence[Mitigation],
    rows: int = 16,
) -> ExactProbabilities:
    """Find what mitigations would measure with infinitely many shots.

    Args:
        noisy: An exact engine of the noise model.
        ideal: An exact engine without noise.
        table: The evaluations; its shots do not matter.
        mitigations: Whose noise scales are wanted.
        rows: How many rows to look at, evenly spaced.

    Raises:
        UsageError: If there is no row to look at.
    """
    rows = whole_number(rows, "rows", 1)
    some = np.linspace(0, table.evaluations - 1, min(rows, table.evaluations)).astype(int)
    table = replace(table, phi=table.phi[some], theta=np.ascontiguousarray(table.theta[some]))
    scales = dict.fromkeys(noise for mitigation in mitigations for noise in mitigation.noise_scales)
    return ExactProbabilities(
        marginals(ideal, table),
        {n: marginals(noisy, replace(table, template=replace(table.template, noise=n))) for n in scales},
        exact_assignment(noisy, table.template),
    )


def exact_assignment(engine: ExactEngine, template: Template) -> FloatArray:
    """The assignment matrices that a calibration on an engine would find, shape (N, 2, 2)."""
    calibration = replace(template, noise=NoiseScale(), calibration=True)
    io_qubits = template.neuron.io_qubits
    phi = np.stack([np.zeros(template.phi_shape), np.full(template.phi_shape, np.pi)])
    table = EvaluationTable(calibration, phi, np.zeros((2, *calibration.theta_shape)), 1)
    patterns = marginals(engine, table).mean(axis=1)
    bits = (np.arange(2**io_qubits)[:, None] >> np.arange(io_qubits)) & 1
    ones = (patterns @ bits).T.clip(0.0, 1.0)  # (N, 2); sums of probabilities round to 1 + 1e-15
    return np.stack([1 - ones, ones], axis=-1)


def noise_model_of(
    choice: BackendChoice, engine: Engine | QueuedEngine, template: Template
) -> tuple[ExactEngine, ExactEngine]:
    """Exact engines that imitate a backend, and an ideal one.

    Of several groups of qubits the one in the middle is imitated: groups are listed best first. For a
    real device the noise is what it reports.

    Args:
        choice: The backend.
        engine: The same, opened.
        template: The neuron.

    Raises:
        BackendError: If the device does not report what its noise needs.
    """
    ideal = open_simulator(BackendChoice("exact"))
    assert isinstance(ideal, ExactEngine)
    return exact_engine_of(choice, engine, template) or ideal, ideal
