"""An evaluation that was asked for, with all that it needs, before anything is opened."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqsq.checks import nested_json
from sqsq.data import Dataset
from sqsq.engines import BackendChoice, Engine, QueuedEngine
from sqsq.errors import UsageError
from sqsq.estimation import Calibration, Mitigation
from sqsq.inference import Evaluation
from sqsq.mitigation import Advice
from sqsq.models import MitigationSettings
from sqsq.runs.evaluation_backend import EvaluationPlace
from sqsq.runs.evaluation_plans import evaluation_plan, probability_plan
from sqsq.runs.examples import RunData, open_data
from sqsq.runs.mitigating import (
    NoisyBackend,
    advice_for,
    calibrate_backend,
    check_mitigation,
    choose_mitigation,
)
from sqsq.runs.model_file import restored
from sqsq.runs.run_directory import RunDirectory
from sqsq.runs.settings import RunSettings
from sqsq.runs.stored_settings import stored_run
from sqsq.tables import Plan, Template, Usage
from sqsq.training import PredictsByProbability, Trainer, TrainsNetwork

_CHANGEABLE = ("backend", "data_dir", "test_size", "seed", "idle_noise")
_MITIGATION = (
    *("zne", "zne_scales", "zne_fit", "zne_gates"),
    *("readout", "mitigation", "calibration_readings", "calibration"),
)
"""What may be changed of a trained run; only with ``shots`` for those that follow."""


@dataclass(frozen=True, eq=False)
class AskedEvaluation:
    """An evaluation that was asked for.

    Attributes:
        settings: The run's settings, with what is changed for the evaluation.
        mitigating: What is done about noise.
        shots: Shots of each estimated probability; None for single shots.
        choice: The backend.
        place: Where its ledger is, on a device.
        trainer: The model.
        state: What it has learned.
        data: The examples.
    """

    settings: RunSettings
    mitigating: MitigationSettings
    shots: int | None
    choice: BackendChoice
    place: EvaluationPlace
    trainer: Trainer[Any]
    state: Any
    data: RunData

    @property
    def template(self) -> Template | None:
        """The circuit that a backend is prepared for; None for models without neurons."""
        return self.trainer.template if isinstance(self.trainer, TrainsNetwork) else None

    def plan(
        self, repeat: int, mitigation: Mitigation, calibrations: tuple[Calibration, ...]
    ) -> Plan[Evaluation]:
        """One repeat; the first draws what the run drew after its last iteration."""
        number = self.settings.iterations + repeat
        of = (self.settings, self.trainer, self.state, self.data, number)
        if self.shots is None:
            return evaluation_plan(*of)
        return probability_plan(*of, self.shots, mitigation, calibrations)

    def advice(self, engine: Engine | QueuedEngine) -> Advice:
        """What mitigation is predicted to gain."""
        assert self.shots is not None
        plan = self.plan(0, Mitigation(), ())
        return advice_for(self.mitigating, self.shots, self.choice, engine, plan)

    def mitigated(self, backend: NoisyBackend) -> tuple[Mitigation, tuple[Calibration, ...], Usage]:
        """What is done about noise, chosen and calibrated; single shots are not mitigated."""
        if self.shots is None or not isinstance(self.trainer, TrainsNetwork):
            return Mitigation(), (), Usage()
        advise = lambda: self.advice(backend.engine)  # noqa: E731
        mitigation = choose_mitigation(self.mitigating, self.shots, backend, advise)
        template = self.trainer.template
        calibrations, usage = calibrate_backend(self.mitigating, mitigation, template, backend)
        return mitigation, calibrations, usage


def prepare_evaluation(
    run_dir: Path | str,
    shots: int | None,
    changes: Mapping[str, Any],
    progress: bool,
    dataset: Dataset | None,
) -> AskedEvaluation:
    """Read the run, and check what is asked of it.

    Raises:
        UsageError: If a value is not allowed.
        DataError: If the run, its model or its data cannot be read.
    """
    directory = RunDirectory(Path(run_dir))
    stored = stored_run(directory)
    settings, mitigating = _changed(stored.settings, shots, changes)
    check_mitigation(mitigating)
    choice = replace(
        stored.settings.choice(settings.backend.name),
        seed=settings.seed,
        idle_noise=settings.backend.idle_noise,
    )
    trainer, state = restored(stored.settings, stored.known, dict(directory.trained().arrays or {}))
    if shots is not None and not isinstance(trainer, PredictsByProbability):
        raise UsageError(f"model {settings.model} estimates no probabilities: it answers in single shots")
    data = open_data(settings, progress, dataset, stored.known)
    asked = {
        "run": directory.run,
        "backend": choice.name,
        "seed": settings.seed,
        "test_size": settings.evaluation.test_size,
        "shots": shots,
        "mitigation": nested_json(mitigating),
        "iterations": int(settings.iterations),
    }
    place = EvaluationPlace(directory.path, asked)
    return AskedEvaluation(settings, mitigating, shots, choice, place, trainer, state, data)


def _changed(
    settings: RunSettings, shots: int | None, changes: Mapping[str, Any]
) -> tuple[RunSettings, MitigationSettings]:
    """The run's settings for an evaluation, and its mitigation; that of the training plays no part."""
    changeable = (*_CHANGEABLE, *_MITIGATION)
    if unknown := [name for name in changes if name not in changeable]:
        raise UsageError(f"cannot change {', '.join(unknown)} of a trained run: only {', '.join(changeable)}")
    asked = [name for name in _MITIGATION if changes.get(name) not in (None, False, "none")]
    if shots is None and asked:
        raise UsageError(
            f"{', '.join(asked)}: single shots are not mitigated; give --shots, to classify by "
            "estimated probabilities"
        )
    if shots is not None and shots < 1:
        raise UsageError(f"shots is {shots}: at least 1")
    alone = [name for name in asked if name.startswith("zne_")]
    if alone and not changes.get("zne"):
        raise UsageError(f"{', '.join(alone)}: they say how to extrapolate; give --zne too")
    mitigating = MitigationSettings(**{n: v for n, v in changes.items() if n in _MITIGATION})
    if shots is not None:
        mitigating.asked.check_runs(shots)
    own = {name: value for name, value in changes.items() if name in _CHANGEABLE}
    return settings.changed(**{"backend": settings.evaluating, **own}), mitigating
