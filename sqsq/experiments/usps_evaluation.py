"""Evaluate a trained run again, on the same or another backend."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sqsq.circuits import Template
from sqsq.engines import open_simulator
from sqsq.errors import BackendError, UsageError
from sqsq.experiments.run_directory import RunDirectory
from sqsq.experiments.settings import TrainUspsSettings
from sqsq.experiments.usps_problem import evaluate_digits, load_digits_of
from sqsq.experiments.usps_training import settings_of
from sqsq.jobs import Usage
from sqsq.learning import Evaluation
from sqsq.model import load_model


@dataclass(frozen=True, eq=False)
class RunEvaluation:
    """A run, evaluated several times.

    Attributes:
        settings: The run's settings, with what was changed for the evaluation.
        evaluations: One for each repeat, with encodings and shots of its own.
        usage: What they used.
        run_dir: The run.
    """

    settings: TrainUspsSettings
    evaluations: tuple[Evaluation, ...]
    usage: Usage
    run_dir: Path

    def summary(self) -> dict[str, Any]:
        """The figures, as JSON types."""
        accuracies = [evaluation.accuracy for evaluation in self.evaluations]
        return {
            "accuracy": float(np.mean(accuracies)),
            "accuracy_std": float(np.std(accuracies)),
            "accuracies": accuracies,
            "repeats": len(accuracies),
            "images": self.evaluations[0].images,
            "ties": [evaluation.ties for evaluation in self.evaluations],
            "spikes_per_step": float(np.mean([e.spikes_per_step for e in self.evaluations])),
            "spikes_per_neuron": np.mean([e.spikes_per_neuron for e in self.evaluations], axis=0).tolist(),
            "evaluations": self.usage.evaluations,
            "executions": self.usage.executions,
            "backend": self.settings.backend,
            "evaluated_on": self.settings.evaluate_on,
            "run_dir": str(self.run_dir),
        }


def evaluate_run(
    run_dir: Path | str, *, repeats: int = 1, progress: bool = False, **changes: Any
) -> RunEvaluation:
    """Classify the test images with the model of a run.

    Args:
        run_dir: A run directory of ``train-usps``.
        repeats: How often every image is classified.
        progress: Whether to show progress while downloading data.
        **changes: Settings of the run to change: ``backend``, ``data_dir``, ``test_size``, ``seed``,
            ``idle_noise``.

    Raises:
        UsageError: If a value is not allowed.
        DataError: If the run, its model or its data cannot be read.
        BackendError: If the backend does not exist or cannot run the circuits.
    """
    if repeats < 1:
        raise UsageError(f"repeats is {repeats}: at least 1")
    directory = RunDirectory(Path(run_dir))
    trained = settings = settings_of(directory)
    if settings.evaluate_backend is not None:
        changes = {"backend": settings.evaluate_backend, **changes}
    settings = replace(settings, **changes)
    choice = replace(trained.choice(settings.backend), seed=settings.seed, idle_noise=settings.idle_noise)
    if choice.hardware:
        raise BackendError(
            f"{choice.name} is hardware: evaluate on a simulator, or train with "
            f"--evaluate-backend {choice.name}"
        )
    engine = open_simulator(choice)
    network, parameters = load_model(directory.model)
    test = load_digits_of(settings, progress).test
    engine.prepare(Template(settings.neuron, settings.steps))
    evaluations = []
    usage = Usage()
    for repeat in range(repeats):
        evaluation, used = evaluate_digits(
            settings, network, parameters, test, settings.iterations + repeat, engine
        )
        evaluations.append(evaluation)
        usage += used
    return RunEvaluation(settings, tuple(evaluations), usage, directory.path)
