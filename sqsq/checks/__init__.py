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
from sqsq.checks.fields import make_plain
from sqsq.checks.nested import (
    Known,
    Setting,
    check_known,
    from_nested_json,
    moved_into,
    nested_json,
    settings_in,
    value_of,
    with_values,
)
from sqsq.checks.numbers import (
    choice,
    positive_number,
    random_generator,
    real_number,
    whole_number,
    whole_numbers,
)
from sqsq.checks.parts import check_parts
from sqsq.checks.plain import Remedy, Says, Within, plain_value
from sqsq.checks.shown import one_line, shown
from sqsq.checks.suggestion import did_you_mean

__all__ = [
    "Known",
    "Remedy",
    "Says",
    "Setting",
    "Within",
    "check_known",
    "check_parts",
    "choice",
    "class_array",
    "did_you_mean",
    "dimensions",
    "from_nested_json",
    "make_plain",
    "mask_array",
    "moved_into",
    "nested_json",
    "one_line",
    "picked",
    "plain_value",
    "positive_number",
    "probability_array",
    "random_generator",
    "real_array",
    "real_number",
    "settings_in",
    "shown",
    "spike_array",
    "value_of",
    "whole_array",
    "whole_number",
    "whole_numbers",
    "with_values",
]
