"""What a run does about noise: chosen, advised upon and calibrated before its first iteration."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from sqsq.engines import (
    BackendChoice,
    Engine,
    QueuedEngine,
    ReportedReadout,
    reported_readout,
)
from sqsq.engines.exact import angles_without_effect
from sqsq.errors import BackendError
from sqsq.estimation import Calibration, Extrapolation, Mitigation, calibrate, require_mitiq
from sqsq.experiments.calibration_file import read_calibration, write_calibration
from sqsq.experiments.run_directory import CALIBRATION
from sqsq.experiments.run_files import RunFiles
from sqsq.experiments.settings import TrainUspsSettings
from sqsq.jobs import Ledger, Patience, drive
from sqsq.learning import TrainingProblem, TrainingState, training_step
from sqsq.mitigation import Advice, Budget, advise_backend, automatic_candidates, usual_candidates
from sqsq.tables import EvaluationTable, IdleAnglesRequest, Plan, Template, Usage

_MITIGATION, _CALIBRATIONS = "mitigation", "calibrations"
"""Names of facts in the ledger: a resumed run goes on with what it began with."""


def check_mitigation(settings: TrainUspsSettings) -> None:
    """Check that what is asked for can be carried out here.

    Raises:
        UsageError: If Mitiq is missing.
        DataError: If a calibration file is missing or damaged.
    """
    if settings.zne or settings.mitigation == "auto":
        require_mitiq()
    if settings.calibration is not None:
        read_calibration(settings.calibration)


def advice_for(
    settings: TrainUspsSettings, choice: BackendChoice, engine: Engine | QueuedEngine, step: Plan[Any]
) -> Advice:
    """Predict what mitigation gains for the probabilities that a step estimates.

    Args:
        settings: What is asked for, and the shots of an estimate.
        choice: The backend.
        engine: The same, opened.
        step: What is about to run, without mitigation; its first table that is no forward pass counts.

    Raises:
        BackendError: If the noise of the device is not known.
    """
    request: Any = next(step)
    while not isinstance(request, EvaluationTable) or "forward" in request.key:
        if isinstance(request, IdleAnglesRequest):
            request = step.send(angles_without_effect(request.neuron))
        else:
            request = step.send(np.zeros(request.spikes_shape, np.uint8))
    step.close()
    asked = settings.rule.mitigation
    candidates = [*usual_candidates(asked.extrapolation), asked]
    if settings.mitigation == "auto":
        candidates = automatic_candidates()
    budget = Budget(settings.m_p, settings.calibration_readings)
    wondering = settings.mitigation is None and asked != Mitigation()
    return advise_backend(choice, engine, request, candidates, budget, thresholds=wondering)


def unmitigated_step(problem: TrainingProblem, state: TrainingState) -> Plan[Any]:
    """A training step as it would be without mitigation."""
    return training_step(replace(problem, settings=replace(problem.settings, mitigation=Mitigation())), state)


def mitigated(
    settings: TrainUspsSettings,
    problem: TrainingProblem,
    state: TrainingState,
    choice: BackendChoice,
    engine: Engine | QueuedEngine,
    runner: Engine,
    *,
    files: RunFiles | None,
    patience: Patience,
    note: Callable[[str], None],
) -> tuple[TrainingProblem, Usage]:
    """Choose the mitigation of a run and calibrate it.

    Args:
        settings: The run.
        problem: What it learns.
        state: Where it starts.
        choice: The backend to train on.
        engine: The same, opened.
        runner: The same, behind the ledger.
        files: Where the calibration and what was chosen are written down, or None.
        patience: How long to wait for a service.
        note: Told what the user should know.

    Returns:
        The problem with its mitigation, and what calibrating used.
    """
    ledger = None if files is None else files.ledger
    mitigation = choose_mitigation(
        settings,
        ledger,
        lambda: advice_for(settings, choice, engine, unmitigated_step(problem, state)),
        note,
    )
    if files is not None:
        files.start.measured = True
    calibrations, used = calibrate_run(
        settings, mitigation, choice, engine, runner, ledger=ledger, patience=patience, note=note
    )
    if files is not None and calibrations:
        with files.directory.writing():
            write_calibration(files.directory.path / CALIBRATION, calibrations[0], files.run)
    rule = replace(problem.settings, mitigation=mitigation)
    return replace(problem, settings=rule, calibrations=calibrations), used


def choose_mitigation(
    settings: TrainUspsSettings,
    ledger: Ledger | None,
    advise: Callable[[], Advice],
    note: Callable[[str], None],
) -> Mitigation:
    """What the run does: as asked, or the best by prediction; the user is told what to expect."""
    asked = settings.rule.mitigation
    if settings.mitigation != "auto":
        if asked != Mitigation() and not _known(ledger, _MITIGATION):
            note(advise().verdict(asked))
            _remember(ledger, _MITIGATION, _to_json(asked))
        return asked
    known = _known(ledger, _MITIGATION)
    if known is not None:
        return _from_json(known)
    advice = advise()
    best = advice.best
    errors = f"predicted error {best.rmse:.3g} against {advice.raw.rmse:.3g} raw"
    if best == advice.raw:
        errors = f"nothing is predicted to err two per cent less than {advice.raw.rmse:.3g}"
    errors = f"{best.mitigation.name}, {errors} at {settings.m_p:,} shots an evaluation"
    if advice.noiseless:
        errors = "raw, for the backend has no noise: there is nothing to mitigate"
    note(f"mitigation auto: {errors}")
    _remember(ledger, _MITIGATION, _to_json(best.mitigation))
    return best.mitigation


def calibrate_run(
    settings: TrainUspsSettings,
    mitigation: Mitigation,
    choice: BackendChoice,
    engine: Engine | QueuedEngine,
    runner: Engine,
    *,
    ledger: Ledger | None = None,
    patience: Patience | None = None,
    note: Callable[[str], None] = lambda words: None,
) -> tuple[tuple[Calibration, ...], Usage]:
    """Measure or look up the assignment matrices that a mitigation needs.

    A resumed run goes on with its own, unless the device has been calibrated since: then it measures
    anew, and says so.

    Returns:
        One calibration, or none where nothing is corrected, and what it used.

    Raises:
        UsageError: If a calibration that was asked for is of something else, or older than the device's.
        BackendError: If a matrix is singular.
    """
    if not mitigation.corrects:
        return (), Usage()
    template = Template(settings.neuron, settings.steps)
    patience = patience or Patience()
    known = _known(ledger, _CALIBRATIONS)
    try:
        reported = patience.ask(
            lambda: reported_readout(choice, engine, template), patience.first_contact, lambda words: None, ""
        )
    except BackendError as error:  # such as a device that is retired, whose results are still there
        if known is None:
            raise
        note(f"{error}: the run goes on with its own readout calibration")
        return (Calibration.from_json(known),), Usage()
    if mitigation.readout == "properties":
        taken = reported.updated_at or datetime.now(UTC)
        matrices = reported.matrices
        none = np.zeros(matrices.shape[:3], np.int64)
        return (
            Calibration(settings.neuron, matrices, none, engine.name, reported.qubits, taken, "properties"),
        ), Usage()
    if settings.calibration is not None:
        given = read_calibration(settings.calibration)
        given.check_is_of(engine.name, reported.qubits, reported.updated_at)
        return (given,), Usage()
    if known is not None:
        before = Calibration.from_json(known)
        if reported.updated_at is None or before.taken_at >= reported.updated_at:
            return (before,), Usage()
        note(f"{engine.name} was calibrated anew since this run began: its readout is measured again")
    return _measure(settings, reported, engine.name, runner, ledger)


def _measure(
    settings: TrainUspsSettings,
    reported: ReportedReadout,
    backend: str,
    runner: Engine,
    ledger: Ledger | None,
) -> tuple[tuple[Calibration, ...], Usage]:
    """Run the calibration circuits, through the ledger like all others."""
    when = "" if reported.updated_at is None else reported.updated_at.isoformat()
    step = calibrate(
        settings.neuron,
        settings.steps,
        settings.calibration_readings,
        backend=backend,
        qubits=reported.qubits,
        taken_at=datetime.now(UTC),
        key=("readout", when),
    )
    calibration, usage = drive(step, runner)
    _remember(ledger, _CALIBRATIONS, calibration.to_json())
    return (calibration,), usage


def _known(ledger: Ledger | None, name: str) -> Any:
    return None if ledger is None else ledger.fact(name)


def _remember(ledger: Ledger | None, name: str, value: Any) -> None:
    if ledger is not None:
        ledger.remember(name, value)


def _to_json(mitigation: Mitigation) -> dict[str, Any]:
    zne = mitigation.extrapolation
    return {
        "readout": mitigation.readout,
        "zne": None if zne is None else {"scales": zne.scales, "fit": zne.fit, "gates": zne.gates},
    }


def _from_json(content: dict[str, Any]) -> Mitigation:
    zne = content["zne"]
    return Mitigation(
        None if zne is None else Extrapolation(tuple(zne["scales"]), zne["fit"], zne["gates"]),
        content["readout"],
    )
