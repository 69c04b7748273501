"""What a run does about noise: chosen, advised upon and calibrated before its first iteration."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from sqsq.engines import BackendChoice, Engine, QueuedEngine, ReportedReadout, reported_readout
from sqsq.errors import BackendError
from sqsq.estimation import Calibration, Extrapolation, Mitigation, calibrate, require_mitiq
from sqsq.jobs import Ledger, Note, Patience, Tell, answer_request, drive, tell_nobody
from sqsq.mitigation import Advice, Budget, advise_backend, automatic_candidates, usual_candidates
from sqsq.models import MitigationSettings
from sqsq.runs.calibration_file import read_calibration
from sqsq.tables import EvaluationTable, Plan, Table, Template, Usage

_MITIGATION, _CALIBRATIONS = "mitigation", "calibrations"
"""Names of facts in the ledger: a resumed run goes on with what it began with."""


@dataclass(frozen=True)
class NoisyBackend:
    """The backend of a run, in all the ways in which mitigation asks it.

    Attributes:
        choice: Which.
        engine: The same, opened.
        runner: The same, behind the ledger.
        ledger: Where is kept what was chosen and measured, or None.
        patience: How long to wait for a service.
        tell: Told what the user should know.
    """

    choice: BackendChoice
    engine: Engine | QueuedEngine
    runner: Engine
    ledger: Ledger | None = None
    patience: Patience = Patience()  # noqa: RUF009  (frozen)
    tell: Tell = tell_nobody

    def known(self, name: str) -> Any:
        """What the ledger keeps under a name."""
        return None if self.ledger is None else self.ledger.fact(name)

    def remember(self, name: str, value: Any) -> None:
        """Keep something."""
        if self.ledger is not None:
            self.ledger.remember(name, value)


def check_mitigation(settings: MitigationSettings) -> None:
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
    settings: MitigationSettings,
    shots: int,
    choice: BackendChoice,
    engine: Engine | QueuedEngine,
    plan: Plan[Any],
) -> Advice:
    """Predict what mitigation gains for the probabilities that a plan estimates.

    Args:
        settings: What is asked for.
        shots: The shots of an estimate.
        choice: The backend.
        engine: The same, opened.
        plan: What is about to run, without mitigation; its first table of estimates counts.

    Raises:
        BackendError: If the noise of the device is not known.
    """
    request: Any = next(plan)
    while not (isinstance(request, EvaluationTable) and request.role == "estimate"):
        if isinstance(request, Table):
            request = plan.send(np.zeros(request.spikes_shape, np.uint8))
        else:  # such as for idle angles, which no engine is needed for
            request = plan.send(answer_request(request, None)[0])  # type: ignore[arg-type]
    plan.close()
    asked = settings.asked
    candidates = [*usual_candidates(asked.extrapolation), asked]
    if settings.mitigation == "auto":
        candidates = automatic_candidates()
    budget = Budget(shots, settings.calibration_readings)
    wondering = settings.mitigation is None and asked != Mitigation()
    return advise_backend(choice, engine, request, candidates, budget, thresholds=wondering)


def choose_mitigation(
    settings: MitigationSettings, shots: int, backend: NoisyBackend, advise: Callable[[], Advice]
) -> Mitigation:
    """What is done: as asked, or the best by prediction; the user is told what to expect."""
    asked = settings.asked
    known = backend.known(_MITIGATION)
    if settings.mitigation != "auto":
        if asked != Mitigation() and not known:
            backend.tell(Note(advise().verdict(asked)))
            backend.remember(_MITIGATION, _to_json(asked))
        return asked
    if known is not None:
        return _from_json(known)
    advice = advise()
    best = advice.best
    errors = f"predicted error {best.rmse:.3g} against {advice.raw.rmse:.3g} raw"
    if best == advice.raw:
        errors = f"nothing is predicted to err two per cent less than {advice.raw.rmse:.3g}"
    errors = f"{best.mitigation.name}, {errors} at {shots:,} shots an evaluation"
    if advice.noiseless:
        errors = "raw, for the backend has no noise: there is nothing to mitigate"
    backend.tell(Note(f"mitigation auto: {errors}"))
    backend.remember(_MITIGATION, _to_json(best.mitigation))
    return best.mitigation


def calibrate_backend(
    settings: MitigationSettings, mitigation: Mitigation, template: Template, backend: NoisyBackend
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
    patience, name = backend.patience, backend.engine.name
    known = backend.known(_CALIBRATIONS)
    try:
        reported = patience.ask(
            lambda: reported_readout(backend.choice, backend.engine, template),
            patience.first_contact,
            lambda words: None,
            "",
        )
    except BackendError as error:  # such as a device that is retired, whose results are still there
        if known is None:
            raise
        backend.tell(Note(f"{error}: the run goes on with its own readout calibration"))
        return (Calibration.from_json(known),), Usage()
    if mitigation.readout == "properties":
        taken = reported.updated_at or datetime.now(UTC)
        matrices = reported.matrices
        none = np.zeros(matrices.shape[:3], np.int64)
        neuron = template.neuron
        return (Calibration(neuron, matrices, none, name, reported.qubits, taken, "properties"),), Usage()
    if settings.calibration is not None:
        given = read_calibration(settings.calibration)
        given.check_is_of(name, reported.qubits, reported.updated_at)
        return (given,), Usage()
    if known is not None:
        before = Calibration.from_json(known)
        if reported.updated_at is None or before.taken_at >= reported.updated_at:
            return (before,), Usage()
        backend.tell(Note(f"{name} was calibrated anew since this run began: its readout is measured again"))
    return _measure(settings.calibration_readings, reported, template, backend)


def _measure(
    readings: int, reported: ReportedReadout, template: Template, backend: NoisyBackend
) -> tuple[tuple[Calibration, ...], Usage]:
    """Run the calibration circuits, through the ledger like all others."""
    when = "" if reported.updated_at is None else reported.updated_at.isoformat()
    plan = calibrate(
        template.neuron,
        template.steps,
        readings,
        backend=backend.engine.name,
        qubits=reported.qubits,
        taken_at=datetime.now(UTC),
        key=("readout", when),
    )
    calibration, usage = drive(plan, backend.runner)
    backend.remember(_CALIBRATIONS, calibration.to_json())
    return (calibration,), usage


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
