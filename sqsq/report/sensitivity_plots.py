"""Pictures of bias and variance of the local gradient, drawn from their record alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sqsq.report.pictures import picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FACTORS = {"m_syn": "M_syn", "m_som": "M_som", "m_p": "M_p", "epsilon": "epsilon"}
_ROWS: tuple[tuple[Literal["weights", "theta"], Literal["relative_bias", "relative_variance"]], ...] = (
    ("weights", "relative_bias"),
    ("weights", "relative_variance"),
    ("theta", "relative_bias"),
    ("theta", "relative_variance"),
)
_COLOURS = ("tab:blue", "tab:orange", "tab:green", "tab:red")
_LINES = {"trained": "o-", "random": "s--"}


def plot_sensitivity(
    record: dict[str, Any],
    ansatz: str,
    factor: str,
    parameters: Literal["weights", "theta"],
    quantity: Literal["relative_bias", "relative_variance"],
    axes: "Axes",
) -> "Axes":
    """Draw how a quantity depends on one factor, the others at the paper's point.

    Args:
        record: What ``measure_sensitivity`` returns, or its JSON file.
        ansatz: The ansatz.
        factor: ``m_syn``, ``m_som``, ``m_p`` or ``epsilon``.
        parameters: ``weights`` or ``theta``.
        quantity: ``relative_bias`` or ``relative_variance``, with bars of two standard errors.
        axes: Where to draw.
    """
    for shift, colour in zip(record["options"]["shifts"], _COLOURS, strict=False):
        for state, line in _LINES.items():
            points = _along(record, factor, {"ansatz": ansatz, "state": state, "shift": shift})
            drawn = [(point[factor], point[parameters][quantity]) for point in points]
            drawn = [(x, value) for x, value in drawn if value is not None]
            if not drawn:
                continue
            x = [x for x, _ in drawn]
            y = np.array([value["value"] for _, value in drawn])
            ends = np.array([_ends(value) for _, value in drawn]).T
            bars = np.abs(ends - y)
            axes.errorbar(x, y, bars, fmt=line, color=colour, ms=4, capsize=2, label=f"{shift}, {state}")
    axes.set(xlabel=_FACTORS[factor], xscale="log")
    axes.set_yscale("log" if quantity == "relative_variance" else "linear")
    values = record["options"][factor]
    axes.set_xticks(values, [f"{value:g}" for value in values])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    return axes


def save_sensitivity_figures(record: dict[str, Any], directory: Path) -> None:
    """Write one picture for each ansatz, ``sensitivity-<ansatz>.png``.

    Args:
        record: What ``measure_sensitivity`` returns, or its JSON file.
        directory: Where; pictures that were there are replaced as a whole.

    Raises:
        UsageError: If one cannot be drawn or written.
    """
    options = record["options"]
    for ansatz in options["ansatze"]:
        with picture(directory / f"sensitivity-{ansatz}.png", (15, 13), dpi=100) as figure:
            grid = figure.subplots(len(_ROWS), len(_FACTORS), sharey="row", sharex="col")
            for (parameters, quantity), row in zip(_ROWS, grid, strict=True):
                row[0].set_ylabel(f"{quantity.replace('_', ' ')}, {parameters}")
                for factor, axes in zip(_FACTORS, row, strict=True):
                    plot_sensitivity(record, ansatz, factor, parameters, quantity, axes)
                if quantity == "relative_bias":
                    row[0].set_ylim(bottom=0)
            centre = ", ".join(f"{_FACTORS[name]} = {value}" for name, value in record["centre"].items())
            figure.suptitle(
                f"{record['title']}\n{ansatz}, {record['data']['name']}, {options['backend']}, one factor at "
                f"a time around {centre}\n{options['repeats']} estimates a point; bars: two standard errors; "
                "a bias whose bar reaches 0 was not found"
            )
            handles, labels = grid[0][0].get_legend_handles_labels()
            figure.legend(handles, labels, loc="outside lower center", ncols=4)


def _along(record: dict[str, Any], factor: str, wanted: dict[str, str]) -> list[dict[str, Any]]:
    """The points that differ in one factor from the centre, in its order."""
    fixed = {**wanted, **{name: value for name, value in record["centre"].items() if name != factor}}
    found = [
        point for point in record["points"] if all(point[name] == value for name, value in fixed.items())
    ]
    return sorted(found, key=lambda point: float(point[factor]))


def _ends(value: dict[str, float]) -> tuple[float, float]:
    """Two standard errors below and above."""
    if "low" in value:
        return value["low"], value["high"]
    return value["value"] - 2 * value["error"], value["value"] + 2 * value["error"]
