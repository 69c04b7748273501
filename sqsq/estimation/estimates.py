"""From tables to estimated probabilities, mitigated where that is asked for."""

from collections.abc import Iterable
from dataclasses import replace
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from sqsq.checks import choice, spike_array
from sqsq.errors import UsageError
from sqsq.estimation.calibration import Calibration, calibration_of
from sqsq.estimation.hits import Estimator, Hits, count_hits, hits_of
from sqsq.estimation.mitigation import Mitigation
from sqsq.estimation.readout import corrected_frequencies
from sqsq.tables import EvaluationTable, GroupsRequest, Plan

FloatArray = NDArray[np.float64]


def measure(
    table: EvaluationTable,
    held: NDArray[np.uint8],
    estimator: Estimator,
    mitigation: Mitigation | None = None,
    calibrations: Iterable[Calibration] = (),
) -> Plan[Hits]:
    """Estimate the probabilities of the spikes that neurons are held to, Tr(rho S) of eq. (10).

    In this order: shots are split over the noise scales; at each scale the frequency is found, by weighted
    shots where readout is corrected; frequencies are extrapolated, without being clipped. What has more
    than one meaning when it lies outside [0, 1] (a logarithm) clips it later.

    Args:
        table: The evaluations, without noise scaled; its shots are those of an evaluation in all.
        held: The spikes s, shape (..., T, N): leading axes are those of the table's evaluations.
        estimator: ``marginal`` or ``prefix``.
        mitigation: What to do about noise; nothing if None.
        calibrations: For readout correction.

    Yields:
        The table itself, or one for each noise scale.

    Returns:
        Hits, of whole numbers without mitigation, shape (..., T).

    Raises:
        UsageError: If held spikes do not fit the table, there are fewer shots than noise scales, Mitiq is
            missing, or a calibration is missing or knows fewer groups of qubits than run the table.
    """
    choice(estimator, "estimator", get_args(Estimator))
    held = spike_array(held, "held", (*table.leading, *table.template.phi_shape))
    hits = yield from _hits(
        table, held.reshape(table.phi.shape), estimator, mitigation or Mitigation(), calibrations
    )
    return hits.reshape(*table.leading, table.template.steps)


def _hits(
    table: EvaluationTable,
    held: NDArray[np.uint8],
    estimator: Estimator,
    mitigation: Mitigation,
    calibrations: Iterable[Calibration],
) -> Plan[Hits]:
    """Hits of the flat rows of a table, shape (rows, T)."""
    if mitigation.extrapolation is None:
        if not mitigation.corrects:
            return count_hits((yield table), held, estimator)
        frequencies = yield from _frequencies(table, held, estimator, mitigation, calibrations)
        return hits_of(frequencies * table.shots, table.shots, estimator)
    mitigation.check_runs(table.shots)
    at_scales = []
    for template, shots in zip(
        mitigation.templates(table.template), mitigation.split_shots(table.shots), strict=True
    ):
        key = (*table.key, "noise scale", f"{template.noise.scale:g}")
        scaled = replace(table, template=template, shots=shots, key=key)
        at_scales.append((yield from _frequencies(scaled, held, estimator, mitigation, calibrations)))
    limit = mitigation.extrapolation.extrapolate(np.stack(at_scales), complete_noise(held, estimator))
    return hits_of(limit * table.shots, table.shots, estimator)


def complete_noise(held: NDArray[np.uint8], estimator: Estimator) -> FloatArray:
    """What probabilities tend to where every spike pattern is equally likely, shape (T,)."""
    steps, io_qubits = held.shape[-2:]
    patterns = np.arange(1, steps + 1) if estimator == "prefix" else np.ones(steps, np.intp)
    return np.asarray(0.5 ** (io_qubits * patterns), dtype=float)


def _frequencies(
    table: EvaluationTable,
    held: NDArray[np.uint8],
    estimator: Estimator,
    mitigation: Mitigation,
    calibrations: Iterable[Calibration],
) -> Plan[FloatArray]:
    """Run one table: the frequency of the held spikes (``prefix``: of s_1 ... s_t), shape (rows, T)."""
    if not mitigation.corrects:
        hits = count_hits((yield table), held, estimator)
        return np.asarray(hits.hits / hits.shots, dtype=float)
    calibration = calibration_of(calibrations, table.template.neuron)
    groups = yield GroupsRequest(table)
    if groups.count != calibration.groups:
        raise UsageError(
            f"the readout calibration knows {calibration.groups} groups of qubits, {groups.count} run the "
            "neurons: calibrate again"
        )
    spikes = yield table
    return corrected_frequencies(spikes, held, calibration.inverses[groups.of_row], estimator)
