"""Pictures of a training run; each function draws on the Axes it is given and returns them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqsq.engines.exact.inspection import Inspection
from sqsq.report.metrics import IterationMetrics

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_loss(metrics: Sequence[IterationMetrics], axes: "Axes") -> "Axes":
    """Draw the likelihood bound over the iterations."""
    axes.plot([m.iteration for m in metrics], [m.loss_bound for m in metrics], color="tab:blue")
    axes.set(xlabel="iteration", ylabel="loss bound L, eq. (16) [nats]", ylim=(0, None))
    return axes


def plot_accuracy(metrics: Sequence[IterationMetrics], axes: "Axes") -> "Axes":
    """Draw the single-shot accuracy where it was evaluated."""
    evaluated = [(m.iteration, m.accuracy) for m in metrics if m.accuracy is not None]
    axes.plot(*zip(*evaluated, strict=True), "o-", color="tab:green")
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
    axes.set(xlabel="steps before", ylim=(0, None), title=inspection.neuron.ansatz)
    axes.legend()
    return axes


def save_memory_figure(inspections: Sequence[Inspection], path: Path) -> None:
    """Write the memories of several neurons side by side as a picture."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5 * len(inspections), 3.6), layout="constrained")
    for axes, inspection in zip(
        figure.subplots(1, len(inspections), squeeze=False)[0], inspections, strict=True
    ):
        plot_memory(inspection, axes).grid(alpha=0.3)
    figure.savefig(path, dpi=120, format="png")


def save_training_figure(metrics: Sequence[IterationMetrics], title: str, path: Path) -> None:
    """Write loss, accuracy and spikes side by side as a picture."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 3.6), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    plot_loss(metrics, left)
    plot_accuracy(metrics, middle)
    plot_spikes(metrics, right)
    for axes in (left, middle, right):
        axes.grid(alpha=0.3)
    figure.suptitle(title)
    partial = path.with_name(path.name + ".partial")
    figure.savefig(partial, dpi=120, format="png")
    partial.replace(path)
