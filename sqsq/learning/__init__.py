"""Learning: the local rule, its gradients, optimisers, and single-shot evaluation."""

from sqsq.learning.batch import Batch, LocalGradient
from sqsq.learning.current_shifts import check_drawn
from sqsq.learning.examples import EncodedExamples, Examples, FixedSequences
from sqsq.learning.feedback import Baseline, Feedback
from sqsq.learning.ideal_learning import ideal_rule
from sqsq.learning.local_learning import local_rule
from sqsq.learning.optimisers import (
    OPTIMISERS,
    Optimiser,
    OptimiserState,
    Updates,
    check_state,
    find_optimiser,
    register_optimiser,
)
from sqsq.learning.reservoir import Features, ReadOut, reservoir_parameters, reservoir_spikes, train_read_out
from sqsq.learning.rules import IdealRule, LocalRule, Rule
from sqsq.learning.settings import IdealRuleSettings, LocalRuleSettings, Passes, Positive, Repeats, Shots
from sqsq.learning.shift_rules import Shift
from sqsq.learning.training import (
    TrainingProblem,
    TrainingState,
    batch_indices,
    start_training,
    training_step,
)

__all__ = [
    "OPTIMISERS",
    "Baseline",
    "Batch",
    "EncodedExamples",
    "Examples",
    "Features",
    "Feedback",
    "FixedSequences",
    "IdealRule",
    "IdealRuleSettings",
    "LocalGradient",
    "LocalRule",
    "LocalRuleSettings",
    "Optimiser",
    "OptimiserState",
    "Passes",
    "Positive",
    "ReadOut",
    "Repeats",
    "Rule",
    "Shift",
    "Shots",
    "TrainingProblem",
    "TrainingState",
    "Updates",
    "batch_indices",
    "check_drawn",
    "check_state",
    "find_optimiser",
    "ideal_rule",
    "local_rule",
    "register_optimiser",
    "reservoir_parameters",
    "reservoir_spikes",
    "start_training",
    "train_read_out",
    "training_step",
]
