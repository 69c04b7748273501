"""Metrics and pictures of runs."""

from sqsq.report.metrics import IterationMetrics, evaluation_fields
from sqsq.report.plots import (
    plot_accuracy,
    plot_loss,
    plot_memory,
    plot_spikes,
    save_memory_figure,
    save_training_figure,
)

__all__ = [
    "IterationMetrics",
    "evaluation_fields",
    "plot_accuracy",
    "plot_loss",
    "plot_memory",
    "plot_spikes",
    "save_memory_figure",
    "save_training_figure",
]
