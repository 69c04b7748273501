"""Estimates from tables: as before without mitigation, unbiased with readout correction."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import numpy as np
import pytest

from sqsq.engines import open_engine
from sqsq.errors import UsageError
from sqsq.estimation import Calibration, Extrapolation, Hits, Mitigation, count_hits, measure
from sqsq.estimation.hits import hits_of
from sqsq.estimation.readout import corrected_frequencies
from sqsq.jobs import drive
from sqsq.learning.estimators import log_probability
from sqsq.mitigation.probabilities import exact_assignment
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, GroupsRequest, NoiseScale, RowGroups, Template
from tests import oracle
from tests.mitigation.test_calibration import some_matrices

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def some_table(rows=3, steps=3, shots=10, neuron=None, seed=0):
    rng = np.random.default_rng(seed)
    template = Template(neuron or Neuron(), steps)
    phi = rng.uniform(0, 3, (rows, *template.phi_shape))
    table = EvaluationTable(template, phi, rng.uniform(-2, 2, (rows, *template.theta_shape)), shots, ("a", 1))
    return table, rng.integers(2, size=(rows, *template.phi_shape)).astype(np.uint8)


def known(neuron, matrices):
    readings = np.zeros(matrices.shape[:3], np.int64)
    return Calibration(neuron, matrices, readings, "b", (), NOW, "properties")


@pytest.mark.parametrize("estimator", ["marginal", "prefix"])
def test_without_mitigation_the_table_itself_is_run_and_counted(estimator):
    table, held = some_table()
    step = measure(table, held, estimator)
    assert next(step) is table
    spikes = np.random.default_rng(1).integers(2, size=table.spikes_shape).astype(np.uint8)
    with pytest.raises(StopIteration) as stop:
        step.send(spikes)
    expected = count_hits(spikes, held, estimator)
    assert np.array_equal(stop.value.value.hits, expected.hits)
    assert np.array_equal(stop.value.value.trials, expected.trials)


@pytest.mark.parametrize("estimator", ["marginal", "prefix"])
@pytest.mark.parametrize(("io_qubits", "steps"), [(1, 3), (2, 2)])
def test_correction_is_unbiased_by_enumeration(io_qubits, steps, estimator):
    """The expectation over all true and all recorded spike trains is the true probability."""
    neuron = Neuron(io_qubits, 1)
    table, held = some_table(1, steps, 1, neuron)
    true = oracle.joint(neuron.ansatz, io_qubits, 1, table.phi[0], table.theta[0]).ravel()
    bits = steps * io_qubits
    trains = np.array(list(product((0, 1), repeat=bits)), np.uint8)
    matrices = some_matrices(1, io_qubits)
    confusion = np.ones((2**bits, 2**bits))
    for k in range(bits):
        confusion *= matrices[0, k % io_qubits][trains[:, None, k], trains[None, :, k]]
    recorded = true @ confusion
    held = np.broadcast_to(held, (len(trains), steps, io_qubits))
    shots = trains.reshape(len(trains), 1, steps, io_qubits)
    inverses = np.broadcast_to(np.linalg.inv(matrices), (len(trains), io_qubits, 2, 2))
    weights = corrected_frequencies(shots, held, inverses, estimator)
    assert weights.min() < 0 or weights.max() > 1
    plain = count_hits(shots, held, estimator).hits
    assert recorded @ weights == pytest.approx(true @ plain, abs=1e-12)
    assert np.abs(recorded @ plain - true @ plain).max() > 0.01


def test_each_row_is_corrected_by_the_matrix_of_its_group():
    table, held = some_table(rows=4)
    matrices = some_matrices(2, 1)
    calibration = known(Neuron(), matrices)
    step = measure(table, held, "marginal", Mitigation(None, "properties"), [calibration])
    request = next(step)
    assert isinstance(request, GroupsRequest)
    assert step.send(RowGroups(np.array([1, 0, 1, 1]), 2)) is table
    spikes = np.random.default_rng(1).integers(2, size=table.spikes_shape).astype(np.uint8)
    with pytest.raises(StopIteration) as stop:
        step.send(spikes)
    for row, group in enumerate((1, 0, 1, 1)):
        ones = spikes[row].mean(axis=0)[:, 0]
        recorded = np.stack([1 - ones, ones], axis=-1)
        true = recorded @ np.linalg.inv(matrices[group, 0])
        expected = true[np.arange(3), held[row, :, 0]] * table.shots
        assert stop.value.value.hits[row] == pytest.approx(expected)
    step = measure(table, held, "marginal", Mitigation(None, "properties"), [calibration])
    next(step)
    with pytest.raises(UsageError, match="knows 2 groups of qubits, 3 run the neurons"):
        step.send(RowGroups(np.zeros(4, np.intp), 3))


@pytest.mark.parametrize("estimator", ["marginal", "prefix"])
def test_extrapolation_runs_one_table_a_scale_and_keeps_the_shots(estimator):
    pytest.importorskip("mitiq", reason="mitiq is an extra")
    table, held = some_table(shots=9)
    mitigation = Mitigation(Extrapolation((1, 3, 5), "richardson", "two-qubit"))
    rng = np.random.default_rng(0)
    step = measure(table, held, estimator, mitigation)
    request, seen, sent = next(step), [], []
    while True:
        seen.append(request)
        sent.append(rng.integers(2, size=request.spikes_shape).astype(np.uint8))
        try:
            request = step.send(sent[-1])
        except StopIteration as stop:
            hits = stop.value
            break
    assert [each.template.noise for each in seen] == [
        NoiseScale(),
        NoiseScale(3, "two-qubit"),
        NoiseScale(5, "two-qubit"),
    ]
    assert sum(each.shots for each in seen) == 9
    assert len({each.key for each in seen}) == 3
    assert len({each.digest for each in seen}) == 3
    each_scale = [count_hits(spikes, held, estimator).hits / spikes.shape[1] for spikes in sent]
    expected = np.tensordot([15 / 8, -10 / 8, 3 / 8], each_scale, axes=1) * 9
    assert hits.hits == pytest.approx(expected)
    logarithm, _ = log_probability(hits)
    assert (logarithm <= 0).all()
    assert np.isfinite(logarithm).all()


def test_hits_outside_the_trials_are_clipped_only_in_logarithms():
    hits = hits_of(np.array([[12.0, -1.0, 3.0]]), 10, "marginal")
    assert np.exp(log_probability(hits)[0][0]) == pytest.approx([10.5 / 11, 0.5 / 11, 3.5 / 11])
    hits = hits_of(np.array([[12.0, -1.0, 3.0]]), 10, "prefix")
    logarithm, known_steps = log_probability(hits)
    assert hits.trials.tolist() == [[10, 10, 0]]
    assert known_steps.tolist() == [[True, True, False]]
    assert np.exp(logarithm[0, :2]) == pytest.approx([10.5 / 11, 0.5 / 11])


def test_mitigation_brings_estimates_of_a_noisy_device_nearer():
    """200,000 shots: shot noise of at most 0.0025 against a bias of up to 0.05."""
    pytest.importorskip("mitiq", reason="mitiq is an extra")
    table, held = some_table(rows=4, steps=3, shots=200_000)
    engine = open_engine("exact:fake_lagos")
    ideal, _ = drive(measure(table, held, "marginal"), open_engine("exact"))
    raw, _ = drive(measure(table, held, "marginal"), engine)
    mitigated, usage = drive(measure(table, held, "marginal", Mitigation(Extrapolation(), "parity")), engine)
    assert usage.executions == 4 * 200_000
    error = np.abs(np.stack([raw.hits, mitigated.hits]) - ideal.hits).mean(axis=(1, 2)) / table.shots
    assert error[1] < 0.5 * error[0]


def test_a_missing_calibration_is_told():
    table, held = some_table()
    with pytest.raises(UsageError, match="readout correction needs a calibration"):
        next(measure(table, held, "marginal", Mitigation(None, "calibration")))
    with pytest.raises(UsageError, match="1 shots an evaluation cannot be split"):
        next(measure(replace(table, shots=1), held, "marginal", Mitigation(Extrapolation())))


def test_hits_are_picked_and_reshaped_or_refused():
    hits = hits_of(np.arange(6.0).reshape(2, 3), 10, "prefix")
    assert hits.select(np.s_[:, 1:]).hits.tolist() == [[1, 2], [4, 5]]
    assert hits.reshape(3, 2).trials.shape == (3, 2)
    with pytest.raises(UsageError, match="7 picks none of the 2 evaluations"):
        hits.select(7)
    with pytest.raises(UsageError, match=r"hits have shape \(2, 3\): they do not fill \(5,\)"):
        hits.reshape(5)
    with pytest.raises(UsageError, match=r"trials\[0\] is 11.0: must be 0 to 10"):
        Hits(np.ones(1), np.full(1, 11.0), 10, "marginal")
    with pytest.raises(UsageError, match="unknown estimator 'both': choose from marginal, prefix"):
        Hits(np.ones(1), np.ones(1), 10, "both")


@pytest.mark.parametrize("backend", ["exact", "exact:fake_brisbane"])
@pytest.mark.parametrize("io_qubits", [1, 2])
def test_assignments_of_exact_engines_are_probabilities(backend, io_qubits):
    """Sums of rounded numbers may be 1 + 1e-15, which no binomial distribution takes."""
    engine = open_engine(backend)
    for steps in (1, 5, 10):
        found = exact_assignment(engine, Template(Neuron(io_qubits, 1), steps))
        assert found.min() >= 0
        assert found.max() <= 1
        assert np.allclose(found.sum(axis=-1), 1)
