"""Training of any model: trainers, the loop, events, metrics and checkpoints."""

from sqsq.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from sqsq.training.evaluating import evaluate_trainer, predict_in_blocks
from sqsq.training.events import EvaluationDone, IterationDone
from sqsq.training.loop import train_to_the_end
from sqsq.training.metrics import IterationMetrics, evaluation_fields
from sqsq.training.problem import Problem
from sqsq.training.trainer import (
    OPTIMISER_ARRAYS,
    Arrays,
    Mitigates,
    PredictsByProbability,
    StepMetrics,
    TakesParts,
    Trainer,
    TrainsNetwork,
)

__all__ = [
    "OPTIMISER_ARRAYS",
    "Arrays",
    "Checkpoint",
    "EvaluationDone",
    "IterationDone",
    "IterationMetrics",
    "Mitigates",
    "PredictsByProbability",
    "Problem",
    "StepMetrics",
    "TakesParts",
    "Trainer",
    "TrainsNetwork",
    "evaluate_trainer",
    "evaluation_fields",
    "load_checkpoint",
    "predict_in_blocks",
    "save_checkpoint",
    "train_to_the_end",
]
