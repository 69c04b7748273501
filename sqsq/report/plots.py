"""Pictures of a training run; each function draws on the Axes it is given and returns them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqsq.engines.exact import NOTICEABLE, Inspection
from sqsq.report.metrics import IterationMetrics
from sqsq.report.pictures import picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_loss(metrics: Sequence[IterationMetrics], axes: "Axes") -> "Axes":
    """Draw the likelihood bound over the iterations."""
    axes.plot([m.iteration for m in metrics], [m.loss_bound for m in metrics], color="tab:blue")
    axes.set(xlabel="iteration", ylabel="estimate of L, eq. (16) [nats]", ylim=(0, None))
    return axes


def plot_accuracy(metrics: Sequence[IterationMetrics], axes: "Axes") -> "Axes":
    """Draw the single-shot accuracy where it was evaluated; bars are its 95 % intervals."""
    evaluated = [(m.iteration, m.accuracy) for m in metrics if m.accuracy is not None]
    axes.plot(*zip(*evaluated, strict=True), "o-", color="tab:green")
    known = [(m.iteration, *m.interval) for m in metrics if m.interval is not None]
    for iteration, low, high in known:
        axes.plot([iteration, iteration], [low, high], "-", color="tab:green", alpha=0.4, linewidth=3)
    axes.set(xlabel="iteration", ylabel="single-shot accuracy", ylim=(None, 1.005))
    return axes


def plot_spikes(metrics: Sequence[IterationMetrics], axes: "Axes") -> "Axes":
    """Draw the spikes a time step of the whole network where it was evaluated."""
    evaluated = [(m.iteration, m.spikes_per_step) for m in metrics if m.spikes_per_step is not None]
    axes.plot(*zip(*evaluated, strict=True), "o-", color="tab:red")
    axes.set(xlabel="iteration", ylabel="spikes per time step", ylim=(0, None))
    return axes


def plot_memory(inspection: Inspection, axes: "Axes") -> "Axes":
    """Draw how far inputs and spikes are remembered, step by step."""
    lags = range(len(inspection.input_memory))
    axes.plot(lags, inspection.input_memory, "o-", color="tab:blue", label="input: largest move of p(s)")
    axes.plot(lags[1:], inspection.spike_memory[1:], "s-", color="tab:red", label="own spikes: dependence")
    axes.axhline(NOTICEABLE, color="0.6", linestyle=":", label="weak below")
    axes.set(xlabel="steps before", ylim=(0, None), title=inspection.neuron.ansatz)
    axes.legend()
    return axes


def save_memory_figure(inspections: Sequence[Inspection], path: Path) -> None:
    """Write the memories of several neurons side by side as a picture.

    Raises:
        UsageError: If it cannot be drawn or written.
    """
    with picture(path, (5 * len(inspections), 3.6)) as figure:
        row = figure.subplots(1, len(inspections), squeeze=False)[0]
        for axes, inspection in zip(row, inspections, strict=True):
            plot_memory(inspection, axes).grid(alpha=0.3)


def save_training_figure(metrics: Sequence[IterationMetrics], title: str, path: Path) -> None:
    """Write loss, accuracy and spikes side by side as a picture.

    Raises:
        UsageError: If it cannot be drawn or written.
    """
    with picture(path, (12, 3.6)) as figure:
        left, middle, right = figure.subplots(1, 3)
        plot_loss(metrics, left)
        plot_accuracy(metrics, middle)
        plot_spikes(metrics, right)
        for axes in (left, middle, right):
            axes.grid(alpha=0.3)
        figure.suptitle(title)
