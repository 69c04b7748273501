"""Checks of what users hand over, one line an error: the argument, what was found, what is allowed."""

from sqsq.checks.fields import Remedy, Within, check_names, make_plain, with_changes
from sqsq.checks.shown import shown

__all__ = ["Remedy", "Within", "check_names", "make_plain", "shown", "with_changes"]
