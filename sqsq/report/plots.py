"""Pictures of a training run; each function draws on the Axes it is given and returns them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sqsq.engines.exact import NOTICEABLE, Inspection
from sqsq.report.pictures import picture
from sqsq.training import IterationMetrics

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MEASURES = {
    "loss_bound": "estimate of L, eq. (16) [nats]",
    "error_training": "error on the training examples",
}
"""What measures are called on axes."""


def plot_loss(metrics: Sequence[IterationMetrics], axes: "Axes") -> "Axes":
    """Draw the first measure of the model over the iterations: for the local rule the likelihood bound."""
    losses = [(m.iteration, *m.loss) for m in metrics if m.loss is not None]
    style = "o-" if len(losses) == 1 else "-"
    axes.plot([n for n, _, _ in losses], [loss for _, _, loss in losses], style, color="tab:blue")
    name = losses[0][1] if losses else "loss"
    axes.set(xlabel="iteration", ylabel=_MEASURES.get(name, name.replace("_", " ")), ylim=(0, None))
    return axes


def plot_accuracy(metrics: Sequence[IterationMetrics], axes: "Axes") -> "Axes":
    """Draw the single-shot accuracy where it was evaluated; bars are its 95 % intervals."""
    evaluated = [(m.iteration, m.accuracy) for m in metrics if m.accuracy is not None]
    axes.plot([n for n, _ in evaluated], [share for _, share in evaluated], "o-", color="tab:green")
    known = [(m.iteration, *m.interval) for m in metrics if m.interval is not None]
    for iteration, low, high in known:
        axes.plot([iteration, iteration], [low, high], "-", color="tab:green", alpha=0.4, linewidth=3)
    axes.set(xlabel="iteration", ylabel="single-shot accuracy", ylim=(None, 1.005))
    return axes


def plot_spikes(metrics: Sequence[IterationMetrics], axes: "Axes") -> "Axes":
    """Draw the spikes a time step of the whole network where it was evaluated."""
    evaluated = [(m.iteration, m.spikes_per_step) for m in metrics if m.spikes_per_step is not None]
    axes.plot([n for n, _ in evaluated], [rate for _, rate in evaluated], "o-", color="tab:red")
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
    """Write loss, accuracy and, where there are any, spikes side by side as a picture.

    Raises:
        UsageError: If it cannot be drawn or written.
    """
    plots = [plot_loss, plot_accuracy]
    if any(m.spikes_per_step is not None for m in metrics):
        plots.append(plot_spikes)
    with picture(path, (4 * len(plots), 3.6)) as figure:
        for plot, axes in zip(plots, figure.subplots(1, len(plots)), strict=True):
            plot(metrics, axes).grid(alpha=0.3)
            axes.set_xlim(0, metrics[-1].iteration + 1)  # the same in all, also where there is one point
            axes.xaxis.get_major_locator().set_params(integer=True)
        figure.suptitle(title)
