"""Metrics and pictures of runs."""

from sqsq.report.figure_plots import save_accuracy_figure
from sqsq.report.plots import (
    plot_accuracy,
    plot_loss,
    plot_memory,
    plot_spikes,
    save_memory_figure,
    save_training_figure,
)
from sqsq.report.sensitivity_plots import save_sensitivity_figures

__all__ = [
    "plot_accuracy",
    "plot_loss",
    "plot_memory",
    "plot_spikes",
    "save_accuracy_figure",
    "save_memory_figure",
    "save_sensitivity_figures",
    "save_training_figure",
]
