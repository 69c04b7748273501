"""Checks of what users hand over, one line an error: the argument, what was found, what is allowed."""

from sqsq.checks.arrays import (
    class_array,
    mask_array,
    picked,
    probability_array,
    real_array,
    spike_array,
    whole_array,
)
from sqsq.checks.numbers import (
    choice,
    positive_number,
    random_generator,
    real_number,
    shown,
    whole_number,
    whole_numbers,
)

__all__ = [
    "choice",
    "class_array",
    "mask_array",
    "picked",
    "positive_number",
    "probability_array",
    "random_generator",
    "real_array",
    "real_number",
    "shown",
    "spike_array",
    "whole_array",
    "whole_number",
    "whole_numbers",
]
