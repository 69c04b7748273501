"""The numbers of a run, one record an iteration."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from types import MappingProxyType
from typing import Any

from sqsq.inference import Evaluation, wilson_interval

_WRITTEN_DOWN = 100
"""Classes of which a confusion matrix is written down with every evaluation."""


@dataclass(frozen=True)
class IterationMetrics:
    """What one iteration did.

    Attributes:
        iteration: Iterations done, from 1.
        evaluations: Evaluations of this iteration's training; evaluating images is not counted.
        executions: Shots of those.
        seconds: Wall-clock time of this iteration's training.
        measures: What the model measured of itself, by name, the loss first; for the local rule
            ``loss_bound`` (the estimate of L of eq. (16) before the update, nats an image; for the estimator
            ``marginal`` of p(s_t) alone), ``gradient_norm_weights``, ``gradient_norm_theta`` and
            ``without_estimate`` (the share of estimates for which no shot was left), and with shifts of the
            currents ``saved_evaluations`` (how many shifts were not measured, for they could not matter).
        accuracy: Single-shot accuracy after the update, or None where not evaluated.
        images: How many images it was evaluated on.
        ties: Images of that evaluation that were decided at random.
        spikes_per_step: Spikes of the whole network a step during that evaluation.
        spikes_per_neuron: The same for each neuron.
        confusion: Images of each class (row) by the class they were taken for (column); None beyond
            100 classes.
    """

    iteration: int
    evaluations: int
    executions: int
    seconds: float
    measures: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    accuracy: float | None = None
    images: int | None = None
    ties: int | None = None
    spikes_per_step: float | None = None
    spikes_per_neuron: tuple[float, ...] | None = None
    confusion: tuple[tuple[int, ...], ...] | None = None

    @property
    def loss(self) -> tuple[str, float] | None:
        """The name and value of the first measure; None for models that measure nothing."""
        return next(iter(self.measures.items()), None)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % Wilson interval of the accuracy, over the choice of images; None where not evaluated."""
        if self.accuracy is None or self.images is None:
            return None
        return wilson_interval(self.accuracy, self.images)

    def to_json(self) -> dict[str, Any]:
        """As JSON types, measures among the rest; what was not evaluated is left out."""
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "measures"}
        first = {name: own.pop(name) for name in ("iteration",)}
        return {**first, **self.measures, **{name: value for name, value in own.items() if value is not None}}

    @staticmethod
    def from_json(values: dict[str, Any]) -> "IterationMetrics":
        """Read what ``to_json`` wrote."""
        known = {each.name for each in fields(IterationMetrics)}
        own = {name: value for name, value in values.items() if name in known}
        per_neuron, confusion = own.get("spikes_per_neuron"), own.get("confusion")
        tuples = {
            "spikes_per_neuron": None if per_neuron is None else tuple(per_neuron),
            "confusion": None if confusion is None else tuple(tuple(row) for row in confusion),
        }
        measures = {name: value for name, value in values.items() if name not in known}
        return IterationMetrics(**{**own, **tuples, "measures": measures})


def evaluation_fields(evaluation: Evaluation) -> dict[str, Any]:
    """The fields of ``IterationMetrics`` that an evaluation fills."""
    values = asdict(evaluation)
    rates, confusion = evaluation.spikes_per_neuron, evaluation.confusion
    values["spikes_per_neuron"] = None if rates is None else tuple(rates.tolist())
    written = len(confusion) <= _WRITTEN_DOWN
    values["confusion"] = tuple(map(tuple, confusion.tolist())) if written else None
    return values
