"""Pictures of reproduced figures, drawn from their records alone."""

from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from sqsq.report.pictures import picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = ("tab:blue", "tab:orange", "tab:green", "tab:red", "tab:purple")


def plot_accuracy_curves(record: dict[str, Any], panel: str, axes: "Axes") -> "Axes":
    """Draw the curves of one panel: the mean over the seeds, and one standard deviation around it.

    Args:
        record: What ``reproduce_figure`` returns, or its JSON file.
        panel: The ansatz.
        axes: Where to draw.
    """
    from matplotlib.ticker import MaxNLocator

    curves = [curve for curve in record["curves"] if curve["panel"] == panel]
    from_shots = [curve for curve in curves if not curve["ideal"]]
    for curve, colour in zip(from_shots, _COLOURS, strict=False):
        _draw(curve, axes, color=colour)
    for curve, colour in zip((c for c in curves if c["ideal"]), ("0.15", "0.5"), strict=False):
        _draw(curve, axes, color=colour, linestyle="--")
    for statement in record["paper"]["statements"]:
        if statement["accuracy"] is not None:
            label = f"paper's text: {statement['says']}"
            axes.axhline(statement["accuracy"], color="tab:brown", linestyle=":", label=label)
    axes.set(xlabel="iteration", title=panel)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylim(top=1.005)
    axes.grid(alpha=0.3)
    return axes


def _trained(settings: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """The classes of a curve, and its rule; records of earlier versions hold all settings flat."""
    if "trainer" not in settings:
        return [str(digit) for digit in settings["digits"]], settings
    return settings["data"]["classes"], settings["trainer"]["rule"]


def save_accuracy_figure(record: dict[str, Any], path: Path) -> None:
    """Write all panels side by side, with the paper's words under them.

    Args:
        record: What ``reproduce_figure`` returns, or its JSON file.
        path: The PNG file; one that was there is replaced as a whole.

    Raises:
        UsageError: If it cannot be drawn or written.
    """
    panels = list(dict.fromkeys(curve["panel"] for curve in record["curves"]))
    with picture(path, (max(6.0 * len(panels), 9.0), 7.6)) as figure:
        row = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for panel, axes in zip(panels, row, strict=True):
            plot_accuracy_curves(record, panel, axes)
        row[0].set_ylabel("single-shot test accuracy")
        classes, rule = _trained(record["curves"][0]["settings"])
        data = f"{record['data']['name']} {' vs '.join(classes)}"
        seeds = len(record["curves"][0]["seeds"])
        runs = f"mean and standard deviation of {seeds} seeds" if seeds > 1 else "one seed"
        figure.suptitle(
            f"{record['title']}\n{data}, noise model {record['backend']} (ideal "
            f"local rule: noise-free),\n{runs}, M_som = {rule['m_som']}, M_p = {rule['m_p']}"
        )
        handles, labels = row[0].get_legend_handles_labels()
        words = " ".join(statement["words"] for statement in record["paper"]["statements"])
        width = round(13 * figure.get_figwidth())
        figure.legend(
            handles,
            labels,
            loc="outside lower center",
            ncols=2,
            fontsize=9,
            title_fontsize=8,
            alignment="left",
            title=fill(f"The paper: {words}", width)
            + "\n"
            + fill(f"{record['paper']['unstated']} {record['surrogate']['why']}", width),
        )


def _draw(curve: dict[str, Any], axes: "Axes", **style: Any) -> None:
    iterations, mean = curve["iterations"], np.array(curve["mean"])
    axes.plot(iterations, mean, label=curve["label"], **style)
    if curve["standard_deviation"] is not None:
        spread = np.array(curve["standard_deviation"])
        axes.fill_between(
            iterations, mean - spread, mean + spread, color=style["color"], alpha=0.15, linewidth=0
        )
