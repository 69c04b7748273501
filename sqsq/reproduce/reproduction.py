"""Reproduce a figure: train what is not trained yet, write the numbers down, draw them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqsq.errors import DataError, UsageError
from sqsq.jobs import Resources
from sqsq.report import save_accuracy_figure
from sqsq.reproduce.curves import Curve, curves_of
from sqsq.reproduce.definitions import find_figure
from sqsq.reproduce.options import FigureOptions
from sqsq.reproduce.record import figure_record
from sqsq.reproduce.runs import FigureRun, accuracies_of, images_of, runs_of
from sqsq.runs import RunSettings, read_json, results_in, write_json
from sqsq.training import IterationMetrics

RUNS = "runs"


def reproduce_figure(
    name: str,
    options: FigureOptions | None = None,
    *,
    out: Path | str | None = None,
    command: str | None = None,
    resources: Resources | None = None,
    on_progress: Callable[[int, int, str], None] | None = None,
) -> dict[str, Any]:
    """Reproduce a figure of the SQSNN paper; called again, it goes on where it was.

    ``<out>/<name>.json`` and ``<out>/<name>.png`` are written once all runs are finished; the runs are
    under ``<out>/runs``.

    Args:
        name: ``fig2a`` or ``fig2b``.
        options: What can be chosen.
        out: Where files are written; ``results/<name>`` if None.
        command: The command line to write down, if it was one.
        resources: Where chunks run.
        on_progress: Told how many iterations are done, of how many, and what is being trained.

    Returns:
        What the JSON file holds.

    Raises:
        UsageError: If a value is not allowed, or the directory holds another configuration.
        SqsqError: As ``train_usps``.
    """
    definition, options = find_figure(name), options or FigureOptions()
    directory = Path("results") / name if out is None else Path(out)
    curves = curves_of(definition, options)
    runs = runs_of(curves, options.seeds, directory / RUNS)
    _check_record(directory / f"{name}.json", curves, options.seeds)
    for run in runs:
        run.check()
    for number, run in enumerate(runs):
        if not run.finished:
            run.train(resources or Resources(), _counting(run, number, len(runs), on_progress))
    versions = [run.versions() for run in runs]
    record = figure_record(
        definition,
        options,
        {curve: accuracies_of(curve, runs) for curve in curves},
        images_of(runs),
        [each for i, each in enumerate(versions) if each not in versions[:i]],
        command,
    )
    with results_in(directory):
        write_json(directory / f"{name}.json", record)
        save_accuracy_figure(record, directory / f"{name}.png")
    return record


def _counting(
    run: FigureRun, number: int, runs: int, on_progress: Callable[[int, int, str], None] | None
) -> Callable[[IterationMetrics], None]:
    """What a run tells after an iteration becomes what the whole figure tells."""
    iterations = run.curve.settings.iterations
    words = f"{run.curve.panel}, {run.curve.label}, seed {run.seed}"

    def count(metrics: IterationMetrics) -> None:
        if on_progress is not None and metrics.interval is not None:
            done = number * iterations + metrics.iteration
            low, high = metrics.interval
            accuracy = f"accuracy {metrics.accuracy:.3f} ({low:.3f} to {high:.3f})"
            on_progress(done, runs * iterations, f"{words}  {accuracy}")

    return count


def _check_record(path: Path, curves: list[Curve], seeds: int) -> None:
    """A figure that was finished here may get more seeds, nothing else.

    Raises:
        UsageError: If it was made otherwise.
        DataError: If its record cannot be read.
    """
    if not path.exists():
        return
    try:
        found = read_json(path)["curves"]
        there = {curve["name"]: RunSettings.from_json(curve["settings"]) for curve in found}
        seeds_there = max(len(curve["seeds"]) for curve in found)
    except (KeyError, TypeError, ValueError, UsageError) as error:
        raise DataError(f"{path} is no record of a figure that this sqsq can read: {error!r}") from error
    asked = {curve.name: RunSettings.from_json(curve.settings_json()) for curve in curves}
    if there != asked:
        changed = [name for name in (*asked, *there) if asked.get(name) != there.get(name)]
        raise UsageError(
            f"{path} holds another configuration (curve {changed[0]} is not the same): "
            "choose another directory or the same options"
        )
    if seeds_there > seeds:
        raise UsageError(f"{path} holds more than {seeds} seeds: choose another directory or as many")
