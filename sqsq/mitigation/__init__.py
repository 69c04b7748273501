"""Mitigation: readout correction, zero-noise extrapolation, and advice on when they help."""

from sqsq.mitigation.advice import (
    Advice,
    Budget,
    advise,
    advise_backend,
    automatic_candidates,
    describe,
    usual_candidates,
)
from sqsq.mitigation.calibration import Calibration, calibrate, calibration_of, estimate_calibration
from sqsq.mitigation.estimates import measure
from sqsq.mitigation.extrapolation import Extrapolation, Fit, require_mitiq
from sqsq.mitigation.hits import Estimator, Hits, count_hits
from sqsq.mitigation.mitigation import Mitigation, Readout, mitigation_of
from sqsq.mitigation.prediction import Prediction, predict
from sqsq.mitigation.probabilities import ExactProbabilities, exact_probabilities, noise_model_of

__all__ = [
    "Advice",
    "Budget",
    "Calibration",
    "Estimator",
    "ExactProbabilities",
    "Extrapolation",
    "Fit",
    "Hits",
    "Mitigation",
    "Prediction",
    "Readout",
    "advise",
    "advise_backend",
    "automatic_candidates",
    "calibrate",
    "calibration_of",
    "count_hits",
    "describe",
    "estimate_calibration",
    "exact_probabilities",
    "measure",
    "mitigation_of",
    "noise_model_of",
    "predict",
    "require_mitiq",
    "usual_candidates",
]
