"""Learning: the local rule, its gradients, optimisers, and single-shot evaluation."""

from sqsq.learning.evaluation import Evaluation, Predictions, answer, classify, evaluate, predict
from sqsq.learning.examples import EncodedExamples, Examples, FixedSequences
from sqsq.learning.feedback import Baseline, Feedback
from sqsq.learning.forward import NetworkExecution
from sqsq.learning.ideal_learning import ideal_rule
from sqsq.learning.intervals import accuracy_in_words, wilson_interval
from sqsq.learning.local_learning import Batch, LocalGradient, local_rule
from sqsq.learning.optimisers import Optimiser, OptimiserName, OptimiserState
from sqsq.learning.probability_evaluation import evaluate_by_probability
from sqsq.learning.reservoir import Features, ReadOut, reservoir_parameters, reservoir_spikes, train_read_out
from sqsq.learning.settings import Gradient, LocalRuleSettings, Positive, Repeats, Shots
from sqsq.learning.shift_rules import Shift
from sqsq.learning.training import (
    TrainingProblem,
    TrainingState,
    batch_indices,
    start_training,
    training_step,
)

__all__ = [
    "Baseline",
    "Batch",
    "EncodedExamples",
    "Evaluation",
    "Examples",
    "Features",
    "Feedback",
    "FixedSequences",
    "Gradient",
    "LocalGradient",
    "LocalRuleSettings",
    "NetworkExecution",
    "Optimiser",
    "OptimiserName",
    "OptimiserState",
    "Positive",
    "Predictions",
    "ReadOut",
    "Repeats",
    "Shift",
    "Shots",
    "TrainingProblem",
    "TrainingState",
    "accuracy_in_words",
    "answer",
    "batch_indices",
    "classify",
    "evaluate",
    "evaluate_by_probability",
    "ideal_rule",
    "local_rule",
    "predict",
    "reservoir_parameters",
    "reservoir_spikes",
    "start_training",
    "train_read_out",
    "training_step",
    "wilson_interval",
]
