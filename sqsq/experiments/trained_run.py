"""What a training run leaves."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqsq.engines.exact import angles_without_effect
from sqsq.errors import UsageError
from sqsq.experiments.prediction import NamedPredictions, predict_examples
from sqsq.experiments.settings import TrainUspsSettings
from sqsq.model import Network, Parameters
from sqsq.report import IterationMetrics
from sqsq.tables import Usage


@dataclass(frozen=True, eq=False)
class TrainedRun:
    """A finished training run.

    Attributes:
        settings: What it was asked to do.
        network: The network.
        parameters: Its trained parameters, after the last iteration.
        metrics: One record for each iteration.
        usage: What training used, evaluation not included.
        usage_evaluating: What evaluating used.
        seconds: Wall-clock time of training, evaluation not included.
        seconds_evaluating: Wall-clock time of evaluating.
        classes: The names of the classes, in the order of the output neurons.
        run_dir: Where its files are, or None.
    """

    settings: TrainUspsSettings
    network: Network
    parameters: Parameters
    metrics: tuple[IterationMetrics, ...]
    usage: Usage
    usage_evaluating: Usage
    seconds: float
    seconds_evaluating: float
    classes: tuple[str, ...]
    run_dir: Path | None

    @property
    def accuracy(self) -> float:
        """Single-shot accuracy after the last iteration (not the best one seen)."""
        assert self.metrics[-1].accuracy is not None
        return self.metrics[-1].accuracy

    @property
    def confusion(self) -> NDArray[np.int64] | None:
        """How many test examples of each class (row) were taken for each class (column).

        None where there are too many classes to have been written down, or an older sqsq trained.
        """
        found = self.metrics[-1].confusion
        return None if found is None else np.array(found, np.int64)

    def predict(self, x: Any, *, backend: str | None = None, seed: int = 0) -> NamedPredictions:
        """Say what examples are taken for, each encoded and run once; see ``predict_examples``."""
        return predict_examples(
            self.settings, self.network, self.parameters, self.classes, x, backend=backend, seed=seed
        )

    def to_pandas(self) -> Any:
        """The metrics as a ``pandas.DataFrame``, an iteration a row.

        Raises:
            UsageError: If pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise UsageError("pandas is not installed: pip install pandas") from None
        return pandas.DataFrame([line.to_json() for line in self.metrics]).set_index("iteration")

    def summary(self) -> dict[str, Any]:
        """The figures of the run, as JSON types."""
        last = self.metrics[-1]
        return {
            "accuracy": self.accuracy,
            "accuracy_interval": last.interval,
            "images": last.images,
            "evaluated_on": self.settings.evaluate_on,
            "iterations": last.iteration,
            "evaluations": self.usage.evaluations,
            "executions": self.usage.executions,
            "evaluations_evaluating": self.usage_evaluating.evaluations,
            "executions_evaluating": self.usage_evaluating.executions,
            "seconds": self.seconds,
            "seconds_evaluating": self.seconds_evaluating,
            "loss_bound": last.loss_bound,
            "ties": last.ties,
            "spikes_per_step": last.spikes_per_step,
            "spikes_per_neuron": last.spikes_per_neuron,
            "run_dir": None if self.run_dir is None else str(self.run_dir),
            "backend": self.settings.backend,
            "evaluate_backend": self.settings.evaluating,
            "seed": self.settings.seed,
            "angles_without_effect": list(angles_without_effect(self.settings.neuron)),
        }
