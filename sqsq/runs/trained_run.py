"""What a training run leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqsq.model import Network, Neuron, Parameters
from sqsq.runs.examples import KnownData
from sqsq.runs.prediction import NamedPredictions, predict_examples
from sqsq.runs.results import Results, network_of_trainer, parameters_of_trainer
from sqsq.runs.settings import RunSettings
from sqsq.tables import Usage
from sqsq.training import IterationMetrics, Trainer

_NAMED = 5
"""More classes than these are counted in a title, not named."""


@dataclass(frozen=True, eq=False)
class TrainedRun(Results):
    """A finished training run.

    Attributes:
        settings: What it was asked to do.
        known: What it keeps of its examples.
        trainer: The model.
        state: What it has learned.
        metrics: One record for each iteration.
        usage: What training used, evaluation not included.
        usage_evaluating: What evaluating used.
        seconds: Wall-clock time of training, evaluation not included.
        seconds_evaluating: Wall-clock time of evaluating.
        run_dir: Where its files are, or None.
    """

    settings: RunSettings
    known: KnownData
    trainer: Trainer[Any]
    state: Any
    metrics: tuple[IterationMetrics, ...]
    usage: Usage
    usage_evaluating: Usage
    seconds: float
    seconds_evaluating: float
    run_dir: Path | None

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, in the order of the output neurons."""
        return self.known.classes

    @property
    def network(self) -> Network:
        """The network.

        Raises:
            UsageError: If the model is none.
        """
        return network_of_trainer(self.trainer, self.settings.model)

    @property
    def parameters(self) -> Parameters:
        """Its trained parameters, after the last iteration; see ``network``."""
        return parameters_of_trainer(self.trainer, self.state, self.settings.model)

    def predict(self, x: Any, *, backend: str | None = None, seed: int = 0) -> NamedPredictions:
        """Say what examples are taken for, each encoded and run once; see ``predict_examples``."""
        return predict_examples(
            self.settings, self.trainer, self.state, self.known, x, backend=backend, seed=seed
        )

    def summary(self) -> dict[str, Any]:
        """The figures of the run, as JSON types."""
        last = self.metrics[-1]
        return {
            "accuracy": self.accuracy,
            "accuracy_interval": last.interval,
            "images": last.images,
            "evaluated_on": self.settings.evaluation.evaluate_on,
            "iterations": last.iteration,
            "evaluations": self.usage.evaluations,
            "executions": self.usage.executions,
            "evaluations_evaluating": self.usage_evaluating.evaluations,
            "executions_evaluating": self.usage_evaluating.executions,
            "seconds": self.seconds,
            "seconds_evaluating": self.seconds_evaluating,
            **last.measures,
            "ties": last.ties,
            "spikes_per_step": last.spikes_per_step,
            "spikes_per_neuron": last.spikes_per_neuron,
            "run_dir": None if self.run_dir is None else str(self.run_dir),
            "model": self.settings.model,
            "backend": self.settings.backend.name,
            "evaluate_backend": self.settings.evaluating,
            "seed": self.settings.seed,
            "angles_without_effect": list(idle_angles_of(self.settings)),
        }


def idle_angles_of(settings: RunSettings) -> tuple[str, ...]:
    """Angles of the model's neurons that have no effect without noise; none for other models."""
    neuron = getattr(getattr(settings.trainer, "network", None), "neuron", None)
    if not isinstance(neuron, Neuron) or neuron.definition.append is None:
        return ()
    from sqsq.engines.exact import angles_without_effect

    return angles_without_effect(neuron)


def run_title(settings: RunSettings, classes: Sequence[str]) -> str:
    """One line that says what was trained."""
    named = " vs ".join(classes) if len(classes) <= _NAMED else f"{len(classes)} classes"
    values = settings.values()
    parts = [f"{Path(settings.data.source).name} {named}", settings.model, settings.backend.name]
    if "ansatz" in values:
        parts.insert(1, values["ansatz"])
    for name, symbol in (("m", "M"), ("m_syn", "M_syn"), ("m_som", "M_som"), ("m_p", "M_p")):
        if name in values:
            parts.append(f"{symbol} = {values[name]}")
    return ", ".join([*parts, f"seed {settings.seed}"])
