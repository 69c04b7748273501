"""Evaluate a trained run again, on the same or another backend."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sqsq.checks import whole_number
from sqsq.data import Dataset
from sqsq.engines import open_simulator
from sqsq.errors import BackendError, UsageError
from sqsq.estimation import Calibration, Mitigation
from sqsq.experiments.mitigating import advice_for, calibrate_run, check_mitigation, choose_mitigation
from sqsq.experiments.run_directory import RunDirectory
from sqsq.experiments.settings import TrainUspsSettings
from sqsq.experiments.stored_settings import settings_of
from sqsq.experiments.usps_problem import digits_by_probability, evaluate_digits, load_digits_of
from sqsq.experiments.watch import warn
from sqsq.jobs import drive
from sqsq.learning import Evaluation, wilson_interval
from sqsq.tables import Template, Usage

_MOST_REPEATS = 1_000_000
_CHANGEABLE = ("backend", "data_dir", "test_size", "seed", "idle_noise")
_MITIGATION = (
    *("zne", "zne_scales", "zne_fit", "zne_gates"),
    *("readout", "mitigation", "calibration_readings", "calibration"),
)
"""What may be changed of a trained run; only with ``shots`` for those that follow."""


@dataclass(frozen=True, eq=False)
class RunEvaluation:
    """A run, evaluated several times.

    Attributes:
        settings: The run's settings, with what was changed for the evaluation.
        mitigation: What was done about noise; single shots are not mitigated.
        evaluations: One for each repeat, with encodings and shots of its own.
        usage: What they used.
        run_dir: The run.
    """

    settings: TrainUspsSettings
    mitigation: Mitigation
    evaluations: tuple[Evaluation, ...]
    usage: Usage
    run_dir: Path

    def summary(self) -> dict[str, Any]:
        """The figures, as JSON types; the deviation is that over repeats, None for one."""
        images = self.evaluations[0].images
        accuracies = [evaluation.accuracy for evaluation in self.evaluations]
        return {
            "accuracy": float(np.mean(accuracies)),
            "accuracy_interval": wilson_interval(float(np.mean(accuracies)), images),
            "interval_covers": "the choice of the images, 95 %; not other trainings",
            "accuracy_std": float(np.std(accuracies, ddof=1)) if len(accuracies) > 1 else None,
            "accuracies": accuracies,
            "repeats": len(accuracies),
            "images": images,
            "ties": [evaluation.ties for evaluation in self.evaluations],
            "spikes_per_step": float(np.mean([e.spikes_per_step for e in self.evaluations])),
            "spikes_per_neuron": np.mean([e.spikes_per_neuron for e in self.evaluations], axis=0).tolist(),
            "classes": list(self.settings.chosen),
            "confusion": np.sum([e.confusion for e in self.evaluations], axis=0).tolist(),
            "evaluations": self.usage.evaluations,
            "executions": self.usage.executions,
            "backend": self.settings.backend,
            "mitigation": self.mitigation.name,
            "evaluated_on": self.settings.evaluate_on,
            "run_dir": str(self.run_dir),
        }


def evaluate_run(
    run_dir: Path | str,
    *,
    repeats: int = 1,
    shots: int | None = None,
    on_note: Callable[[str], None] | None = None,
    progress: bool = False,
    dataset: Dataset | None = None,
    **changes: Any,
) -> RunEvaluation:
    """Classify the test images with the model of a run.

    Args:
        run_dir: A run directory of ``train-usps``.
        repeats: How often every image is classified.
        shots: Classify by spike probabilities, each estimated from so many shots, which may be mitigated;
            single-shot if None.
        on_note: Called with a line that should be read, such as what mitigation is predicted to gain; by
            default a warning.
        progress: Whether to show progress while downloading data.
        dataset: The examples of a run that learned from arrays.
        **changes: Settings of the run to change: ``backend``, ``data_dir``, ``test_size``, ``seed``,
            ``idle_noise``; with ``shots`` also ``zne``, ``readout``, ``mitigation`` and what belongs to them.

    Raises:
        UsageError: If a value is not allowed.
        DataError: If the run, its model or its data cannot be read.
        BackendError: If the backend does not exist or cannot run the circuits.
    """
    repeats = whole_number(repeats, "repeats", 1, _MOST_REPEATS)
    directory = RunDirectory(Path(run_dir))
    trained = settings = settings_of(directory)
    if settings.evaluate_backend is not None:
        changes = {"backend": settings.evaluate_backend, **changes}
    settings = _changed(settings, shots, changes)
    check_mitigation(settings)
    choice = replace(trained.choice(settings.backend), seed=settings.seed, idle_noise=settings.idle_noise)
    if choice.hardware:
        raise BackendError(
            f"{choice.name} is hardware: evaluate on a simulator, or train with "
            f"--evaluate-backend {choice.name}"
        )
    engine = open_simulator(choice)
    network, parameters = directory.trained()
    test = load_digits_of(settings, progress, dataset).test
    engine.prepare(Template(settings.neuron, settings.steps))
    mitigation, usage = Mitigation(), Usage()
    calibrations: tuple[Calibration, ...] = ()
    if shots is not None:
        unmitigated = digits_by_probability(settings, network, parameters, test, 0)
        mitigation = choose_mitigation(
            settings, None, lambda: advice_for(settings, choice, engine, unmitigated), on_note or warn
        )
        calibrations, usage = calibrate_run(settings, mitigation, choice, engine, engine)
    evaluations = []
    for repeat in range(settings.iterations, settings.iterations + repeats):
        if shots is None:
            evaluation, used = evaluate_digits(settings, network, parameters, test, repeat, engine)
        else:
            step = digits_by_probability(
                settings, network, parameters, test, repeat, mitigation, calibrations
            )
            evaluation, used = drive(step, engine)
        evaluations.append(evaluation)
        usage += used
    return RunEvaluation(settings, mitigation, tuple(evaluations), usage, directory.path)


def _changed(settings: TrainUspsSettings, shots: int | None, changes: dict[str, Any]) -> TrainUspsSettings:
    """The run's settings for an evaluation; how its training was mitigated plays no part."""
    changeable = (*_CHANGEABLE, *_MITIGATION)
    if unknown := [name for name in changes if name not in changeable]:
        raise UsageError(f"cannot change {', '.join(unknown)} of a trained run: only {', '.join(changeable)}")
    asked = [name for name in _MITIGATION if changes.get(name) not in (None, False, "none")]
    if shots is None and asked:
        raise UsageError(
            f"{', '.join(asked)}: single shots are not mitigated; give --shots, to classify by "
            "estimated probabilities"
        )
    alone = [name for name in asked if name.startswith("zne_")]
    if alone and not changes.get("zne"):
        raise UsageError(f"{', '.join(alone)}: they say how to extrapolate; give --zne too")
    if shots is not None and shots < 1:
        raise UsageError(f"shots is {shots}: at least 1")
    plain = TrainUspsSettings()
    own = [name for name in _MITIGATION if name != "calibration_readings"]
    reset = {name: getattr(plain, name) for name in (*own, "gradient")}
    return replace(settings, **{**reset, "m_p": shots or settings.m_p, **changes})
