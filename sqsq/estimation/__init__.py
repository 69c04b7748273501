"""From spikes to probabilities: counted, and corrected for readout and noise where that is asked for."""

from sqsq.estimation.calibration import Calibration, calibrate, calibration_of, estimate_calibration
from sqsq.estimation.estimates import measure
from sqsq.estimation.extrapolation import Extrapolation, Fit, require_mitiq
from sqsq.estimation.hits import Estimator, Hits, count_hits
from sqsq.estimation.mitigation import Mitigation, Readout, mitigation_of
from sqsq.estimation.readout import corrected_frequencies, pattern_weights

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
    "corrected_frequencies",
    "count_hits",
    "estimate_calibration",
    "measure",
    "mitigation_of",
    "pattern_weights",
    "require_mitiq",
]
