"""Runs: from settings to a directory, and everything that is asked of a run afterwards."""

from sqsq.runs.described_networks import network_of
from sqsq.runs.estimate import RunEstimate, estimate_run
from sqsq.runs.evaluation import RunEvaluation, evaluate_run
from sqsq.runs.evaluation_backend import EVALUATIONS, cancel_evaluation
from sqsq.runs.evaluation_estimate import EvaluationEstimate, estimate_evaluation
from sqsq.runs.examples import KnownData, open_data
from sqsq.runs.groups import BackendSettings, DataSettings, EvaluationSettings
from sqsq.runs.inspection import inspect_target
from sqsq.runs.model_file import TrainedModel, load_model
from sqsq.runs.prediction import NamedPredictions
from sqsq.runs.presets import GRADIENTS, USPS_DIGITS, train_usps, usps_settings
from sqsq.runs.result_files import read_json, read_measured, results_in, write_json, write_measured
from sqsq.runs.run_directory import RunDirectory
from sqsq.runs.run_lock import check_is_free
from sqsq.runs.run_status import RunStatus
from sqsq.runs.runs import Run, open_run
from sqsq.runs.settings import RunSettings, known_settings, settings_from, settings_with
from sqsq.runs.stored_settings import check_same_settings, resources_of, settings_of, stored_run
from sqsq.runs.trained_run import TrainedRun, idle_angles_of
from sqsq.runs.training import train
from sqsq.runs.versions import versions

__all__ = [
    "EVALUATIONS",
    "GRADIENTS",
    "USPS_DIGITS",
    "BackendSettings",
    "DataSettings",
    "EvaluationEstimate",
    "EvaluationSettings",
    "KnownData",
    "NamedPredictions",
    "Run",
    "RunDirectory",
    "RunEstimate",
    "RunEvaluation",
    "RunSettings",
    "RunStatus",
    "TrainedModel",
    "TrainedRun",
    "cancel_evaluation",
    "check_is_free",
    "check_same_settings",
    "estimate_evaluation",
    "estimate_run",
    "evaluate_run",
    "idle_angles_of",
    "inspect_target",
    "known_settings",
    "load_model",
    "network_of",
    "open_data",
    "open_run",
    "read_json",
    "read_measured",
    "resources_of",
    "results_in",
    "settings_from",
    "settings_of",
    "settings_with",
    "stored_run",
    "train",
    "train_usps",
    "usps_settings",
    "versions",
    "write_json",
    "write_measured",
]
