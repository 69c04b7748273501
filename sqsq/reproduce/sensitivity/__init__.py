"""How the local gradient depends on M_syn, M_som, M_p, epsilon and the shift rule."""

from sqsq.reproduce.sensitivity.options import SensitivityOptions
from sqsq.reproduce.sensitivity.study import measure_sensitivity

__all__ = [
    "SensitivityOptions",
    "measure_sensitivity",
]
