"""Whole experiments, composed from the other rooms."""

from sqsq.experiments.reservoir_settings import ReservoirSettings
from sqsq.experiments.reservoir_training import ReservoirRun, load_read_out, train_reservoir
from sqsq.experiments.run_status import RunStatus
from sqsq.experiments.runs import Run, open_run
from sqsq.experiments.settings import TrainUspsSettings
from sqsq.experiments.trained_run import TrainedRun
from sqsq.experiments.usps_estimate import RunEstimate, estimate_usps
from sqsq.experiments.usps_evaluation import RunEvaluation, evaluate_run
from sqsq.experiments.usps_training import train_usps

__all__ = [
    "ReservoirRun",
    "ReservoirSettings",
    "Run",
    "RunEstimate",
    "RunEvaluation",
    "RunStatus",
    "TrainUspsSettings",
    "TrainedRun",
    "estimate_usps",
    "evaluate_run",
    "load_read_out",
    "open_run",
    "train_reservoir",
    "train_usps",
]
