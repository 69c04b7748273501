"""Runs with mitigation: what they spend, what they write down, how they resume, what they refuse."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from sqsq import Resources, evaluate_run, train_usps
from sqsq.errors import BackendError, BudgetError, DataError, UsageError
from sqsq.files import json_digest
from sqsq.jobs import Patience
from sqsq.runs import estimate_run
from sqsq.runs.run_directory import RunDirectory
from tests.runs_for_tests import on_notes, usps

pytest.importorskip("mitiq", reason="the extra zne is not installed")

SMALL = {
    "data": "digits",
    "steps": 2,
    "iterations": 2,
    "test_size": 6,
    "batch_size": 2,
    "m_syn": 1,
    "backend": "exact:fake_brisbane",
    "calibration_readings": 100,
}
QUICK = Patience(first_wait=0.05, longest_wait=0.2, give_up=3, grace=1, first_poll=0.05, longest_poll=0.1)


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory):
    """A run with everything, its directory, and what it said."""
    notes = []
    folder = tmp_path_factory.mktemp("runs") / "run"
    run = train_usps(
        **SMALL, zne=True, readout="calibration", run_dir=folder, on_event=on_notes(notes.append)
    )
    return run, folder, notes


def test_shots_are_split_never_multiplied(calibrated):
    run, folder, notes = calibrated
    plain = train_usps(**SMALL)
    calibration = json.loads((folder / "calibration.json").read_text())
    readings = np.sum(calibration["readings"])
    assert run.usage.executions == plain.usage.executions + readings / SMALL["steps"]
    assert run.usage.tables == 2 * plain.usage.tables + 1
    assert len(notes) == 1
    assert "zne+readout is predicted to hurt" in notes[0]
    assert "at 5 shots an evaluation; it pays from about" in notes[0]


@pytest.mark.matrix(keep=4)
@pytest.mark.parametrize("backend", ["exact", "aer"])
@pytest.mark.parametrize(
    "asked",
    [
        {"zne": True},
        {"readout": "calibration"},
        {"readout": "properties"},
        {"zne": True, "readout": "calibration"},
        {"zne": True, "readout": "parity"},
        {"zne": True, "zne_fit": "exp"},
        {"mitigation": "auto"},
    ],
    ids=lambda asked: "+".join(map(str, asked.values())),
)
def test_an_ideal_simulator_has_nothing_to_mitigate(backend, asked):
    """Probabilities of 1 + 1e-15 once ended every one of these in NumPy's error."""
    notes = []
    ideal = {**SMALL, "backend": backend, "iterations": 1}
    run = train_usps(**ideal, **asked, on_event=on_notes(notes.append))
    assert run.metrics[-1].iteration == 1
    assert len(notes) == 1
    assert "the backend has no noise: there is nothing to mitigate" in notes[0]
    estimate = estimate_run(usps(**ideal, **asked))
    assert estimate.advice_line() == f"{backend} has no noise: there is nothing to mitigate"
    if "mitigation" in asked:
        assert run.usage == train_usps(**ideal).usage


def test_evaluating_on_an_ideal_simulator(calibrated):
    notes = []
    _, folder, _ = calibrated
    found = evaluate_run(
        folder, backend="exact", shots=10, readout="calibration", on_event=on_notes(notes.append)
    )
    assert found.mitigation.name == "readout"
    assert "there is nothing to mitigate by readout" in notes[0]


def test_a_resumed_run_goes_on_with_its_calibration(calibrated):
    run, folder, _ = calibrated
    before = (folder / "calibration.json").read_text()
    notes = []
    again = train_usps(
        **SMALL, zne=True, readout="calibration", run_dir=folder, resume=True, on_event=on_notes(notes.append)
    )
    assert np.array_equal(again.parameters.weights, run.parameters.weights)
    assert again.usage == run.usage
    assert (folder / "calibration.json").read_text() == before
    assert notes == []


def test_auto_does_nothing_where_nothing_helps_and_remembers_it(tmp_path):
    notes = []
    run = train_usps(**SMALL, mitigation="auto", run_dir=tmp_path / "run", on_event=on_notes(notes.append))
    plain = train_usps(**SMALL)
    assert notes[0].startswith("mitigation auto: raw, nothing is predicted to err two per cent less")
    assert np.array_equal(run.parameters.weights, plain.parameters.weights)
    again = train_usps(**SMALL, mitigation="auto", run_dir=tmp_path / "run", resume=True)
    assert again.usage == run.usage


@pytest.mark.slow
def test_auto_extrapolates_where_shots_are_many():
    estimate = estimate_run(usps(**{**SMALL, "steps": 5}, mitigation="auto", m_p=20_000))
    best = estimate.advice.best
    assert best.mitigation.extrapolation is not None
    assert best.rmse < 0.6 * estimate.advice.raw.rmse
    assert estimate.advice_line().startswith("auto chooses zne")
    # as many circuits again for the second noise scale, shots split between them
    plain = estimate_run(usps(**{**SMALL, "steps": 5}, m_p=20_000))
    assert estimate.training.circuits == 2 * plain.training.circuits
    assert estimate.training.executions == plain.training.executions


def test_the_estimate_counts_calibration():
    plain = estimate_run(usps(**SMALL))
    corrected = estimate_run(usps(**SMALL, readout="calibration"))
    assert plain.calibrating.executions == 0
    assert corrected.calibrating.executions == 2 * SMALL["calibration_readings"] / SMALL["steps"]
    assert corrected.training == plain.training
    reported = estimate_run(usps(**SMALL, readout="properties"))
    assert reported.calibrating.executions == 0
    predictions = corrected.to_json()["mitigation"]["predictions"]
    assert {"raw", "readout by calibration", "zne 1,3 linear + parity"} <= set(predictions)


def test_a_device_whose_noise_is_not_known(monkeypatch):
    """Who asked for no mitigation still learns what a run costs; who did gets the error."""

    def unknown(*arguments, **options):
        raise BackendError("the device reports no T1")

    monkeypatch.setattr("sqsq.runs.mitigating.advise_backend", unknown)
    estimate = estimate_run(usps(**SMALL))
    assert estimate.advice is None
    assert estimate.advice_line() == "no prediction of what mitigation gains: the device reports no T1"
    with pytest.raises(BackendError, match="reports no T1"):
        estimate_run(usps(**SMALL, readout="properties"))


def signed(content):
    """A calibration with a checksum that fits."""
    rest = {name: value for name, value in content.items() if name != "sha256"}
    return json.dumps({**rest, "sha256": json_digest(rest)})


def test_a_calibration_of_another_run(calibrated, tmp_path):
    _, folder, _ = calibrated
    given = {
        "readout": "calibration",
        "calibration": folder / "calibration.json",
        "on_event": lambda event: None,
    }
    assert train_usps(**SMALL, **given).usage.tables == 2
    with pytest.raises(UsageError, match=r"calibration is of exact:fake_brisbane, not of exact:fake_lagos"):
        train_usps(**{**SMALL, "backend": "exact:fake_lagos"}, **given)
    content = json.loads((folder / "calibration.json").read_text())
    old = tmp_path / "old.json"
    old.write_text(signed({**content, "taken_at": datetime(2001, 1, 1, tzinfo=UTC).isoformat()}))
    with pytest.raises(
        UsageError, match=r"calibration of 2001-01-01.* is older than that of .*: calibrate again"
    ):
        train_usps(**SMALL, **{**given, "calibration": old})
    singular = tmp_path / "singular.json"
    singular.write_text(signed({**content, "matrices": [[[[0.5, 0.5], [0.5, 0.5]]]]}))
    with pytest.raises(BackendError, match=r"determinant 0.000, too near 0 to be inverted"):
        train_usps(**SMALL, **{**given, "calibration": singular})
    with pytest.raises(DataError, match="cannot be read as a calibration"):
        train_usps(**SMALL, **{**given, "calibration": tmp_path / "nothing.json"})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"zne": True, "zne_scales": (0.5, 3.0)}, "zne-scales 0.5,3: every scale must be .* at least 1"),
        ({"zne": True, "zne_scales": (1.0, 1.0)}, "no scale may be repeated"),
        ({"zne": True, "zne_scales": (1.0,)}, "the fit linear needs at least 2 scales"),
        ({"zne": True, "zne_scales": (1.0, 3.0), "zne_fit": "poly"}, "poly needs at least 3 scales"),
        ({"zne_scales": (1.0, 5.0)}, "give --zne too"),
        ({"zne": True, "mitigation": "auto"}, "mitigation auto excludes zne and readout"),
        ({"readout": "properties", "mitigation": "none"}, "mitigation none excludes zne and readout"),
        ({"readout": "parity"}, "it needs --zne"),
        ({"zne": True, "readout": "parity", "zne_scales": (1.0, 2.0)}, "odd"),
        ({"readout": "twice"}, "unknown readout 'twice'"),
        ({"mitigation": "best"}, "unknown mitigation 'best': choose from auto, none"),
        ({"zne": True, "m_p": 1}, "cannot be split over 2 noise scales"),
        ({"readout": "calibration", "calibration_readings": 0}, "calibration-readings is 0: at least 1"),
    ],
)
def test_mistakes_are_one_line(changes, words):
    with pytest.raises(UsageError, match=words) as error:
        usps(**{**SMALL, **changes})
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["zne", "readout", "mitigation"])
def test_exact_gradients_have_nothing_to_mitigate(name):
    value = {"zne": True, "readout": "properties", "mitigation": "auto"}[name]
    with pytest.raises(UsageError, match=f"model ideal has no {name}: that is a setting of local"):
        usps(gradient="ideal", backend="exact", **{name: value})


def test_without_mitiq_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr("sqsq.estimation.extrapolation.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"needs Mitiq: pip install 'sqsq\[zne\]'"):
        train_usps(**SMALL, zne=True, run_dir=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_folds_beyond_the_limits_of_a_job(monkeypatch):
    """A plain circuit fits, a folded one does not: the message says what to change."""
    monkeypatch.setattr("sqsq.engines.job_limits.MAX_INSTRUCTIONS", 150)
    settings = usps(**{**SMALL, "backend": "fake_brisbane"})
    estimate_run(settings)
    with pytest.raises(BackendError, match="or a smaller noise scale"):
        estimate_run(settings.changed(zne=True))


def test_as_jobs(fake_service, tmp_path):
    """``--zne --readout`` through the real client, resumed; a calibration that has aged is made anew."""
    changes = {**SMALL, "backend": "ibm_brisbane", "pack": 2, "zne": True, "readout": "calibration"}
    notes = []
    resources = Resources(patience=QUICK)
    asked = {"run_dir": tmp_path / "run", "resources": resources, "on_event": on_notes(notes.append)}
    whole = train_usps(**changes, **asked)
    jobs = len(fake_service.jobs)
    assert jobs == 1 + 2 * 2 + 1  # calibration, two noise scales an iteration, one evaluation
    assert len(notes) == 1
    again = train_usps(**changes, **asked, resume=True)
    assert len(fake_service.jobs) == jobs
    assert np.array_equal(again.parameters.weights, whole.parameters.weights)
    assert len(notes) == 1


def test_a_calibration_that_has_aged_is_made_anew(fake_service, tmp_path):
    """A hardware run stops within its budget; before it is resumed the device is calibrated."""
    changes = {**SMALL, "backend": "ibm_brisbane", "pack": 2, "readout": "calibration", "iterations": 1}
    notes = []
    asked = {"run_dir": tmp_path / "run", "on_event": on_notes(notes.append)}
    with pytest.raises(BudgetError):
        train_usps(**changes, **asked, resources=Resources(patience=QUICK, max_qpu_seconds=3))
    jobs = len(fake_service.jobs)
    assert jobs == 1
    ledger = RunDirectory(tmp_path / "run").open_ledger(durable=False)
    known = ledger.fact("calibrations")
    ledger.remember("calibrations", {**known, "taken_at": datetime(2001, 1, 1, tzinfo=UTC).isoformat()})
    ledger.close()
    train_usps(**changes, **asked, resources=Resources(patience=QUICK), resume=True)
    assert "was calibrated anew since this run began" in notes[-1]
    assert RunDirectory(tmp_path / "run").open_ledger(durable=False).fact("calibrations")["taken_at"] > "2026"


def test_evaluating_by_probability(calibrated):
    _, folder, _ = calibrated
    notes = []
    result = evaluate_run(folder, shots=200, zne=True, readout="parity", on_event=on_notes(notes.append))
    assert result.summary()["mitigation"] == "zne+parity"
    assert result.usage.executions == 6 * 2 * 200
    assert "zne+parity is predicted to" in notes[0]
    plain = evaluate_run(folder, shots=200)
    assert plain.summary()["mitigation"] == "raw"
    with pytest.raises(UsageError, match="single shots are not mitigated; give --shots"):
        evaluate_run(folder, zne=True)
    with pytest.raises(UsageError, match="shots is 0: at least 1"):
        evaluate_run(folder, shots=0)
