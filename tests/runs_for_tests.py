"""What tests of runs share."""

from sqsq.jobs import Note, Waiting
from sqsq.runs import settings_from, usps_settings
from sqsq.training import IterationDone


def usps(**values):
    """The settings of ``sqsq train-usps`` with some of them changed."""
    return settings_from(None, usps_settings(values))


def on_iterations(call):
    """A subscriber that calls with the metrics of each iteration."""
    return lambda event: isinstance(event, IterationDone) and call(event.metrics)


def on_notes(call):
    """A subscriber that calls with the words of each note."""
    return lambda event: isinstance(event, Note) and call(event.words)


def on_waits(call):
    """A subscriber that calls with what is being waited for."""
    return lambda event: isinstance(event, Waiting) and call(event.words)
