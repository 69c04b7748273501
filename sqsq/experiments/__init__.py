"""Whole experiments, composed from the other rooms."""

from sqsq.experiments.settings import TrainUspsSettings
from sqsq.experiments.usps_evaluation import RunEvaluation, evaluate_run
from sqsq.experiments.usps_training import TrainedRun, train_usps

__all__ = ["RunEvaluation", "TrainUspsSettings", "TrainedRun", "evaluate_run", "train_usps"]
