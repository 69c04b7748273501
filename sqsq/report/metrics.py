"""The numbers of a training run, one record an iteration."""

from dataclasses import asdict, dataclass
from typing import Any

from sqsq.learning import Evaluation, wilson_interval

_WRITTEN_DOWN = 100
"""Classes of which a confusion matrix is written down with every evaluation."""


@dataclass(frozen=True)
class IterationMetrics:
    """What one iteration did.

    Attributes:
        iteration: Iterations done, from 1.
        loss_bound: The estimate of the bound L of eq. (16) before the update, nats an image; for the
            estimator ``marginal`` of p(s_t) alone.
        gradient_norm_weights: The norm of its gradient by the weights.
        gradient_norm_theta: The norm of its gradient by the angles.
        without_estimate: The share of estimates for which no shot was left (``prefix`` only).
        evaluations: Evaluations of this iteration's training; evaluating images is not counted.
        executions: Shots of those.
        seconds: Wall-clock time of this iteration's training.
        accuracy: Single-shot accuracy after the update, or None where not evaluated.
        images: How many images it was evaluated on.
        ties: Images of that evaluation that were decided at random.
        spikes_per_step: Spikes of the whole network a step during that evaluation.
        spikes_per_neuron: The same for each neuron.
        confusion: Images of each class (row) by the class they were taken for (column); None beyond
            100 classes.
    """

    iteration: int
    loss_bound: float
    gradient_norm_weights: float
    gradient_norm_theta: float
    without_estimate: float
    evaluations: int
    executions: int
    seconds: float
    accuracy: float | None = None
    images: int | None = None
    ties: int | None = None
    spikes_per_step: float | None = None
    spikes_per_neuron: tuple[float, ...] | None = None
    confusion: tuple[tuple[int, ...], ...] | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % Wilson interval of the accuracy, over the choice of images; None where not evaluated."""
        if self.accuracy is None or self.images is None:
            return None
        return wilson_interval(self.accuracy, self.images)

    def to_json(self) -> dict[str, Any]:
        """As JSON types; what was not evaluated is left out."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @staticmethod
    def from_json(values: dict[str, Any]) -> "IterationMetrics":
        """Read what ``to_json`` wrote."""
        per_neuron, confusion = values.get("spikes_per_neuron"), values.get("confusion")
        tuples = {
            "spikes_per_neuron": None if per_neuron is None else tuple(per_neuron),
            "confusion": None if confusion is None else tuple(tuple(row) for row in confusion),
        }
        return IterationMetrics(**{**values, **tuples})


def evaluation_fields(evaluation: Evaluation) -> dict[str, Any]:
    """The fields of ``IterationMetrics`` that an evaluation fills."""
    confusion = evaluation.confusion.tolist() if len(evaluation.confusion) <= _WRITTEN_DOWN else None
    return {
        "accuracy": evaluation.accuracy,
        "images": evaluation.images,
        "ties": evaluation.ties,
        "spikes_per_step": evaluation.spikes_per_step,
        "spikes_per_neuron": tuple(evaluation.spikes_per_neuron.tolist()),
        "confusion": None if confusion is None else tuple(map(tuple, confusion)),
    }
