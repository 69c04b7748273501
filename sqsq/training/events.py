"""What happens during training, told to whoever subscribes; see ``sqsq.jobs.events`` for the rest."""

from dataclasses import dataclass

from sqsq.inference import Evaluation
from sqsq.training.metrics import IterationMetrics


@dataclass(frozen=True)
class IterationDone:
    """An iteration was trained and, where its turn had come, evaluated.

    Attributes:
        metrics: What it did.
    """

    metrics: IterationMetrics


@dataclass(frozen=True, eq=False)
class EvaluationDone:
    """Examples were classified.

    Attributes:
        iteration: Iterations done.
        evaluation: How well.
    """

    iteration: int
    evaluation: Evaluation
