"""Mitigation: readout correction, zero-noise extrapolation, and advice on when they help."""

from sqsq.mitigation.calibration import Calibration, calibrate, calibration_of
from sqsq.mitigation.estimates import measure
from sqsq.mitigation.extrapolation import Extrapolation, Fit, require_mitiq
from sqsq.mitigation.hits import Estimator, Hits, count_hits
from sqsq.mitigation.mitigation import Mitigation, Readout, mitigation_of

__all__ = [
    "Calibration",
    "Estimator",
    "Extrapolation",
    "Fit",
    "Hits",
    "Mitigation",
    "Readout",
    "calibrate",
    "calibration_of",
    "count_hits",
    "measure",
    "mitigation_of",
    "require_mitiq",
]
