"""Predictions against simulated estimates, and what follows from them."""

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

from sqsq.engines import BackendChoice, open_engine
from sqsq.engines.exact import marginals
from sqsq.estimation import Extrapolation, Mitigation, calibrate, measure
from sqsq.jobs import drive
from sqsq.mitigation import (
    Advice,
    Budget,
    ExactProbabilities,
    advise,
    advise_backend,
    exact_probabilities,
    noise_model_of,
    predict,
    usual_candidates,
)
from sqsq.mitigation.prediction import Prediction
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, NoiseScale, Template
from tests.mitigation.test_calibration import NOW

STEPS, ROWS = 2, 4
CANDIDATES = usual_candidates()
pytestmark = pytest.mark.skipif(find_spec("mitiq") is None, reason="mitiq is an extra")


@pytest.fixture(scope="module")
def brisbane():
    rng = np.random.default_rng(3)
    template = Template(Neuron(), STEPS)
    theta = np.repeat(rng.uniform(-3, 3, (ROWS, 1, 3)), STEPS, axis=1)
    table = EvaluationTable(template, rng.uniform(0, 3, (ROWS, STEPS, 1)), theta, 1)
    choice = BackendChoice("exact:fake_brisbane")
    engine = open_engine(choice.name, 7)
    noisy, ideal = noise_model_of(choice, engine, template)
    return table, noisy, exact_probabilities(noisy, ideal, table, CANDIDATES)


@pytest.mark.parametrize("shots", [5, 100, 1_000])
def test_predicted_errors_are_those_of_simulated_estimates(brisbane, shots):
    """150 copies of 8 probabilities, each with shots and a calibration of its own batch.

    The relative standard error of either root mean square is below 3 %, the bound is 15 %: a false alarm
    below 1e-5 for each of 15 comparisons.
    """
    table, engine, probabilities = brisbane
    copies = 150
    many = replace(
        table, phi=np.tile(table.phi, (copies, 1, 1)), theta=np.tile(table.theta, (copies, 1, 1)), shots=shots
    )
    held = np.ones((copies * ROWS, STEPS, 1), np.uint8)
    calibration, _ = drive(
        calibrate(Neuron(), STEPS, 100_000, backend="b", taken_at=NOW, key=(shots,)), engine
    )
    ideal = np.tile(probabilities.ideal[..., 1], (copies, 1))
    for mitigation in CANDIDATES:
        hits, _ = drive(
            measure(replace(many, key=(shots, mitigation.name)), held, "marginal", mitigation, [calibration]),
            engine,
        )
        errors = (hits.hits / shots).clip(0, 1) - ideal
        found = predict(mitigation, probabilities, held[:ROWS], shots, 100_000, draws=400)
        assert found.rmse == pytest.approx(np.sqrt((errors**2).mean()), rel=0.15), mitigation.name
        assert found.absolute == pytest.approx(np.abs(errors).mean(), rel=0.15), mitigation.name


def test_the_error_of_a_calibration_counts(brisbane):
    """Calibrations of 200 readings, 60 of them; exact probabilities in place of shots.

    What is left is the calibration's own error: its variance has a relative standard error of 13 %.
    """
    table, engine, probabilities = brisbane
    noisy = marginals(engine, table)
    found = []
    for k in range(60):
        calibration, _ = drive(calibrate(Neuron(), 2, 200, backend="b", taken_at=NOW, key=(k,)), engine)
        found.append((noisy @ calibration.inverses[0, 0])[..., 1])
    spread = np.var(found, axis=0).mean()
    held = np.ones((ROWS, STEPS, 1), np.uint8)
    few, many = (
        predict(Mitigation(None, "calibration"), probabilities, held, 10_000_000, readings, draws=400)
        for readings in (200, 0)
    )
    assert few.variance - many.variance == pytest.approx(spread, rel=0.6)
    assert many.variance < 0.05 * spread


def test_advice_at_few_and_at_many_shots(brisbane):
    _, _, probabilities = brisbane
    held = np.ones((ROWS, STEPS, 1), np.uint8)
    zne = Mitigation(Extrapolation())
    few = advise(probabilities, held, CANDIDATES, Budget(5))
    assert few.best == few.raw
    assert few.of(zne).rmse > few.raw.rmse
    start = few.pays_from[zne]
    assert 500 < start < 100_000
    verdict = few.verdict(zne)
    assert verdict.startswith("zne is predicted to hurt: error 0.")
    assert verdict.endswith(f"at 5 shots an evaluation; it pays from about {start:,}")
    assert "\n" not in verdict
    before, after = (
        advise(probabilities, held, [zne], Budget(shots), thresholds=False)
        for shots in (start // 2, start * 2)
    )
    assert before.of(zne).rmse > before.raw.rmse
    assert after.of(zne).rmse < after.raw.rmse
    assert after.verdict(zne).startswith("zne is predicted to help")
    assert after.best.mitigation == zne
    one = advise(probabilities, held, [zne], Budget(1), thresholds=False)
    assert one.of(zne) is None
    assert one.verdict(zne).startswith("zne needs more than 1 shots")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (0.1700, "is predicted to help: error 0.17 against 0.176 raw at 5 shots an evaluation"),
        (0.1757, "is predicted to make no difference of two per cent: error 0.176 against 0.176 raw"),
        (0.1760, "is predicted to make no difference of two per cent"),
        (0.1790, "is predicted to make no difference of two per cent"),
        (0.1800, "is predicted to hurt: error 0.18 against 0.176 raw"),
    ],
)
def test_a_verdict_has_a_margin(error, words):
    zne = Mitigation(Extrapolation())
    predictions = (Prediction(Mitigation(), 5, 0.176, 0.0, 0.1), Prediction(zne, 5, error, 0.0, 0.1))
    advice = Advice(Budget(5), predictions, {zne: 1_000})
    assert advice.verdict(zne).startswith(f"zne {words}")
    # what is said to help is what would be chosen
    assert ("help" in words) == (advice.best.mitigation == zne)


def test_calibration_is_paid_for():
    """By hand: misread alike by 0.1, half of the shots spent on calibration."""
    assignment = np.array([[[0.9, 0.1], [0.1, 0.9]]])
    ideal = np.full((1, 1, 2), 0.5)
    exact = ExactProbabilities(ideal, {NoiseScale(): ideal}, assignment)
    correction = Mitigation(None, "calibration")
    held = np.ones((1, 1, 1), np.uint8)
    found = advise(exact, held, [correction], Budget(200, 0, 100))
    assert found.raw.shots == 200
    assert found.of(correction).shots == 100
    assert found.pays_from[correction] is None
    assert found.verdict(correction).endswith("it does not pay at any number of shots")
    for each, expected in ((found.raw, 0.25 / 200), (found.of(correction), 0.25 / 100 / 0.8**2)):
        assert each.variance == pytest.approx(expected, rel=0.6)


def test_an_ideal_backend_is_best_left_alone():
    table = EvaluationTable(Template(Neuron(), 1), np.ones((2, 1, 1)), np.ones((2, 1, 3)), 1)
    choice = BackendChoice("exact")
    found = advise_backend(choice, open_engine("exact"), table, CANDIDATES, Budget(1_000), thresholds=False)
    assert found.best.mitigation == Mitigation()
    assert found.raw.bias < 0.005
