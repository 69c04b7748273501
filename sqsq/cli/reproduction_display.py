"""Progress and results of reproductions on a terminal."""

import json
from collections.abc import Callable
from typing import Any

import click
from rich.table import Table

from sqsq.cli.terminal import print_table, progress
from sqsq.inference import wilson_interval

Show = Callable[[int, int, str], None]


def show_reproduction(
    work: Callable[[Show], dict[str, Any]], table: Callable[[dict[str, Any]], Table], as_json: bool
) -> None:
    """Work behind a progress bar, then print what came out.

    Args:
        work: Does it, given what to call with how many steps are done, of how many, and a few words.
        table: Makes a table of what comes out.
        as_json: Whether the last line is one JSON object: the whole record.
    """
    with progress("words") as bar:
        task = bar.add_task("reproducing", total=None, words="starting")

        def show(done: int, total: int, words: str) -> None:
            bar.update(task, completed=done, total=total, words=words)

        record = work(show)
    print_table(table(record), stderr=as_json)
    if as_json:
        click.echo(json.dumps(record))


def curves_table(record: dict[str, Any]) -> Table:
    """Accuracies of the curves of a figure, and the paper's."""
    said = " ".join(s["words"] for s in record["paper"]["statements"] if s["accuracy"] is not None)
    images = record["images"]
    table = Table(
        title=f"{record['title']}, {record['backend']}",
        caption=f"{images:,} images; ±: standard deviation over seeds; an interval (95 %, of one seed) "
        "covers the choice of images; a best is the largest of all iterations, above what a fresh test would "
        "give. "
        f"The paper: {said}",
    )
    for heading in ("ansatz", "curve", "after the last iteration", "best of each seed"):
        table.add_column(heading)
    for curve in record["curves"]:
        table.add_row(
            curve["panel"],
            curve["label"],
            _spread(curve["last"], images),
            _spread(curve["best_of_each_seed"]),
        )
    return table


def centre_table(record: dict[str, Any]) -> Table:
    """Errors of the gradient at the paper's point."""
    centre = record["centre"]
    where = ", ".join(f"{name} {value}" for name, value in centre.items())
    table = Table(
        title=f"local gradient against the exact one, of p(s_t), at {where}",
        caption="bias over |g|, or what it is below where none was found; variance over |g|^2",
    )
    for heading in ("ansatz", "state", "shift", "bias, w", "variance, w", "bias, theta", "variance, theta"):
        table.add_column(heading)
    for point in record["points"]:
        if all(point[name] == value for name, value in centre.items()):
            errors = [cell for name in ("weights", "theta") for cell in _error_cells(point[name])]
            table.add_row(point["ansatz"], point["state"], point["shift"], *errors)
    return table


def _spread(values: dict[str, Any], images: int | None = None) -> str:
    """A mean over seeds; of one seed, its interval where it is one accuracy and not the best of many."""
    mean, deviation = values["mean"], values["standard_deviation"]
    if deviation is not None:
        return f"{mean:.4f} ± {deviation:.4f}"
    if images is None:
        return f"{mean:.4f}"
    low, high = wilson_interval(mean, images)
    return f"{mean:.4f} ({low:.4f} to {high:.4f})"


def _error_cells(error: dict[str, Any]) -> tuple[str, str]:
    bias, variance = error["relative_bias"], error["relative_variance"]
    if bias is None:
        return "no gradient", ""
    found = f"< {bias['high']:.2f}" if bias["low"] == 0 else f"{bias['value']:.2f}"
    return found, f"{variance['value']:.3g}"
