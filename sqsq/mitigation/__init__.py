"""Advice on mitigation: what readout correction and extrapolation are predicted to gain, and cost."""

from sqsq.mitigation.advice import (
    Advice,
    Budget,
    advise,
    advise_backend,
    automatic_candidates,
    describe,
    usual_candidates,
)
from sqsq.mitigation.prediction import Prediction, predict
from sqsq.mitigation.probabilities import ExactProbabilities, exact_probabilities, noise_model_of

__all__ = [
    "Advice",
    "Budget",
    "ExactProbabilities",
    "Prediction",
    "advise",
    "advise_backend",
    "automatic_candidates",
    "describe",
    "exact_probabilities",
    "noise_model_of",
    "predict",
    "usual_candidates",
]
