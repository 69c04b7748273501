"""Evaluate a trained run again, on the same or another backend."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sqsq.checks import whole_number
from sqsq.data import Dataset
from sqsq.estimation import Mitigation
from sqsq.inference import Evaluation, wilson_interval
from sqsq.jobs import Resources, drive
from sqsq.runs.asked_evaluation import prepare_evaluation
from sqsq.runs.evaluation_backend import evaluation_backend
from sqsq.runs.settings import RunSettings
from sqsq.runs.telling import tell_with
from sqsq.tables import Usage

_MOST_REPEATS = 1_000_000


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


def evaluate_run(
    run_dir: Path | str,
    *,
    repeats: int = 1,
    shots: int | None = None,
    resources: Resources | None = None,
    on_event: Callable[[Any], None] | None = None,
    progress: bool = False,
    dataset: Dataset | None = None,
    **changes: Any,
) -> RunEvaluation:
    """Classify the test examples with the model of a run.

    On a device it is a run of its own, with a ledger under ``<run_dir>/evaluations``: called again with the
    same arguments it goes on where it was, and nothing is sent twice.

    Args:
        run_dir: A run directory.
        repeats: How often every example is classified.
        shots: Classify by spike probabilities, each estimated from so many shots, which may be mitigated;
            single-shot if None.
        resources: What it may cost on a device; as it was begun, or the defaults, if None.
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
        SqsqError: On a device, as ``train``.
    """
    repeats = whole_number(repeats, "repeats", 1, _MOST_REPEATS)
    asked = prepare_evaluation(run_dir, shots, changes, progress, dataset)
    job_seconds = asked.settings.backend.job_seconds
    with evaluation_backend(
        asked.choice, resources, asked.place, asked.template, tell_with(on_event), job_seconds
    ) as backend:
        mitigation, calibrations, usage = asked.mitigated(backend)
        evaluations = []
        for repeat in range(repeats):
            plan = asked.plan(repeat, mitigation, calibrations)
            evaluation, used = drive(plan, backend.runner)
            evaluations.append(evaluation)
            usage += used
    return RunEvaluation(
        asked.settings, asked.data.known.classes, mitigation, tuple(evaluations), usage, Path(run_dir)
    )
