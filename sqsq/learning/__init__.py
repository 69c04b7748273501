"""Learning: the local rule, its gradients, optimisers, and single-shot evaluation."""

from sqsq.learning.evaluation import Evaluation, answer, classify, evaluate
from sqsq.learning.examples import Examples, FixedSequences, RateCodedImages
from sqsq.learning.ideal_learning import ideal_rule
from sqsq.learning.local_learning import Batch, LocalGradient, local_rule
from sqsq.learning.optimisers import Optimiser
from sqsq.learning.probability_evaluation import evaluate_by_probability
from sqsq.learning.settings import LocalRuleSettings
from sqsq.learning.training import TrainingProblem, TrainingState, start_training, training_step

__all__ = [
    "Batch",
    "Evaluation",
    "Examples",
    "FixedSequences",
    "LocalGradient",
    "LocalRuleSettings",
    "Optimiser",
    "RateCodedImages",
    "TrainingProblem",
    "TrainingState",
    "answer",
    "classify",
    "evaluate",
    "evaluate_by_probability",
    "ideal_rule",
    "local_rule",
    "start_training",
    "training_step",
]
