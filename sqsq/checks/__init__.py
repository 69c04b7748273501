"""Checks of what users hand over, one line an error: the argument, what was found, what is allowed."""

from sqsq.checks.arrays import (
    class_array,
    dimensions,
    mask_array,
    picked,
    probability_array,
    real_array,
    spike_array,
    whole_array,
)
from sqsq.checks.fields import check_names, make_plain, settings_with
from sqsq.checks.numbers import (
    choice,
    positive_number,
    random_generator,
    real_number,
    whole_number,
    whole_numbers,
)
from sqsq.checks.plain import Remedy, Within, plain_value
from sqsq.checks.shown import one_line, shown
from sqsq.checks.suggestion import did_you_mean

__all__ = [
    "Remedy",
    "Within",
    "check_names",
    "choice",
    "class_array",
    "did_you_mean",
    "dimensions",
    "make_plain",
    "mask_array",
    "one_line",
    "picked",
    "plain_value",
    "positive_number",
    "probability_array",
    "random_generator",
    "real_array",
    "real_number",
    "settings_with",
    "shown",
    "spike_array",
    "whole_array",
    "whole_number",
    "whole_numbers",
]
