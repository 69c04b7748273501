"""Neurons as quantum instruments: the distributions of Aer, thousands of times faster, and exact answers."""

from sqsq.engines.exact.answers import joint, log_likelihood, marginals, score
from sqsq.engines.exact.engine import ExactEngine
from sqsq.engines.exact.idle_angles import angles_without_effect
from sqsq.engines.exact.inspection import NOTICEABLE, Inspection, inspect_neuron

__all__ = [
    "NOTICEABLE",
    "ExactEngine",
    "Inspection",
    "angles_without_effect",
    "inspect_neuron",
    "joint",
    "log_likelihood",
    "marginals",
    "score",
]
