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
from sqsq.inference import Evaluation, judge, wilson_interval
from sqsq.jobs import drive
from sqsq.models import MitigationSettings
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
from sqsq.runs.telling import tell_with
from sqsq.tables import Plan, Usage
from sqsq.training import (
    PredictsByProbability,
    Trainer,
    TrainsNetwork,
    evaluate_trainer,
    predict_in_blocks,
)

_MOST_REPEATS = 1_000_000
_EVALUATION = 4
"""A stream of random numbers, beside those of training."""
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
        classes: The names of the classes.
        mitigation: What was done about noise; single shots are not mitigated.
        evaluations: One for each repeat, with encodings and shots of its own.
        usage: What they used.
        run_dir: The run.
    """

    settings: RunSettings
    classes: tuple[str, ...]
    mitigation: Mitigation
    evaluations: tuple[Evaluation, ...]
    usage: Usage
    run_dir: Path

    def summary(self) -> dict[str, Any]:
        """The figures, as JSON types; the deviation is that over repeats, None for one."""
        images = self.evaluations[0].images
        accuracies = [evaluation.accuracy for evaluation in self.evaluations]
        rates = [e.spikes_per_neuron for e in self.evaluations if e.spikes_per_neuron is not None]
        mean = np.mean(rates, axis=0) if rates else None
        return {
            "accuracy": float(np.mean(accuracies)),
            "accuracy_interval": wilson_interval(float(np.mean(accuracies)), images),
            "interval_covers": "the choice of the images, 95 %; not other trainings",
            "accuracy_std": float(np.std(accuracies, ddof=1)) if len(accuracies) > 1 else None,
            "accuracies": accuracies,
            "repeats": len(accuracies),
            "images": images,
            "ties": [evaluation.ties for evaluation in self.evaluations],
            "spikes_per_step": None if mean is None else float(mean.sum()),
            "spikes_per_neuron": None if mean is None else mean.tolist(),
            "classes": list(self.classes),
            "confusion": np.sum([e.confusion for e in self.evaluations], axis=0).tolist(),
            "evaluations": self.usage.evaluations,
            "executions": self.usage.executions,
            "model": self.settings.model,
            "backend": self.settings.backend.name,
            "mitigation": self.mitigation.name,
            "evaluated_on": self.settings.evaluation.evaluate_on,
            "run_dir": str(self.run_dir),
        }


def evaluation_plan(
    settings: RunSettings, trainer: Trainer[Any], state: Any, data: RunData, repeat: int
) -> Plan[Evaluation]:
    """Classify the examples to evaluate on once each; another ``repeat`` draws other encodings and shots."""
    rng = np.random.default_rng([settings.seed, _EVALUATION, repeat])
    classes = len(data.known.classes)
    return evaluate_trainer(trainer, state, data.test, classes, rng, ("repeat", repeat))


def probability_plan(
    settings: RunSettings,
    trainer: Trainer[Any],
    state: Any,
    data: RunData,
    repeat: int,
    shots: int,
    mitigation: Mitigation | None = None,
    calibrations: tuple[Calibration, ...] = (),
) -> Plan[Evaluation]:
    """The same by estimated spike probabilities.

    Raises:
        UsageError: If the model has none.
    """
    if not isinstance(trainer, PredictsByProbability):
        raise UsageError(
            f"model {settings.model} answers in single shots only: it estimates no probabilities"
        )
    rng = np.random.default_rng([settings.seed, _EVALUATION, repeat])
    found = yield from predict_in_blocks(
        trainer,
        lambda block, key: trainer.predict_by_probability(
            state, block, rng, shots, mitigation, calibrations, key
        ),
        data.test.images,
        ("repeat", repeat),
        keeps_spikes=False,
    )
    return judge(found, data.test.labels, len(data.known.classes))


def evaluate_run(
    run_dir: Path | str,
    *,
    repeats: int = 1,
    shots: int | None = None,
    on_event: Callable[[Any], None] | None = None,
    progress: bool = False,
    dataset: Dataset | None = None,
    **changes: Any,
) -> RunEvaluation:
    """Classify the test examples with the model of a run, on a simulator.

    Args:
        run_dir: A run directory.
        repeats: How often every example is classified.
        shots: Classify by spike probabilities, each estimated from so many shots, which may be mitigated;
            single-shot if None.
        on_event: Called with events, such as a ``Note`` on what mitigation is predicted to gain; where nobody
            subscribes, notes become warnings.
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
    stored = stored_run(directory)
    settings, mitigating = _changed(stored.settings, shots, changes)
    check_mitigation(mitigating)
    choice = replace(
        stored.settings.choice(settings.backend.name),
        seed=settings.seed,
        idle_noise=settings.backend.idle_noise,
    )
    if choice.hardware:
        raise BackendError(
            f"{choice.name} is hardware: evaluate on a simulator, or train with "
            f"--evaluate-backend {choice.name}"
        )
    engine = open_simulator(choice)
    model = directory.trained()
    trainer, state = restored(stored.settings, stored.known, dict(model.arrays or {}))
    data = open_data(settings, progress, dataset, stored.known)
    if isinstance(trainer, TrainsNetwork):
        engine.prepare(trainer.template)
    mitigation, usage = Mitigation(), Usage()
    calibrations: tuple[Calibration, ...] = ()
    if shots is not None:
        plan = probability_plan(settings, trainer, state, data, 0, shots)
        backend = NoisyBackend(choice, engine, engine, tell=tell_with(on_event))
        mitigation = choose_mitigation(
            mitigating, shots, backend, lambda: advice_for(mitigating, shots, choice, engine, plan)
        )
        if isinstance(trainer, TrainsNetwork):
            calibrations, usage = calibrate_backend(mitigating, mitigation, trainer.template, backend)
    evaluations = []
    for repeat in range(settings.iterations, settings.iterations + repeats):
        if shots is None:
            plan = evaluation_plan(settings, trainer, state, data, repeat)
        else:
            plan = probability_plan(settings, trainer, state, data, repeat, shots, mitigation, calibrations)
        evaluation, used = drive(plan, engine)
        evaluations.append(evaluation)
        usage += used
    return RunEvaluation(
        settings, stored.known.classes, mitigation, tuple(evaluations), usage, directory.path
    )


def _changed(
    settings: RunSettings, shots: int | None, changes: dict[str, Any]
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
    mitigating = MitigationSettings(**{n: v for n, v in changes.items() if n in _MITIGATION})
    if shots is not None:
        mitigating.asked.check_runs(shots)
    own = {name: value for name, value in changes.items() if name in _CHANGEABLE}
    return settings.changed(**{"backend": settings.evaluating, **own}), mitigating
