"""Whole experiments, composed from the other rooms."""

from sqsq.experiments.described_networks import network_of
from sqsq.experiments.inspection import inspect_target
from sqsq.experiments.own_training import train
from sqsq.experiments.prediction import NamedPredictions, predict_run
from sqsq.experiments.reservoir_settings import ReservoirSettings
from sqsq.experiments.reservoir_training import ReservoirRun, load_read_out, train_reservoir
from sqsq.experiments.result_files import read_json, results_in
from sqsq.experiments.run_directory import RunDirectory
from sqsq.experiments.run_lock import check_is_free
from sqsq.experiments.run_status import RunStatus
from sqsq.experiments.runs import Run, open_run
from sqsq.experiments.settings import TrainUspsSettings
from sqsq.experiments.stored_settings import check_same_settings, execution_of, settings_of
from sqsq.experiments.trained_run import TrainedRun
from sqsq.experiments.usps_estimate import RunEstimate, estimate_usps
from sqsq.experiments.usps_evaluation import RunEvaluation, evaluate_run
from sqsq.experiments.usps_training import train_usps

__all__ = [
    "NamedPredictions",
    "ReservoirRun",
    "ReservoirSettings",
    "Run",
    "RunDirectory",
    "RunEstimate",
    "RunEvaluation",
    "RunStatus",
    "TrainUspsSettings",
    "TrainedRun",
    "check_is_free",
    "check_same_settings",
    "estimate_usps",
    "evaluate_run",
    "execution_of",
    "inspect_target",
    "load_read_out",
    "network_of",
    "open_run",
    "predict_run",
    "read_json",
    "results_in",
    "settings_of",
    "train",
    "train_reservoir",
    "train_usps",
]
