"""What a reproduced figure is written down as."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqsq.data import find_entry
from sqsq.reproduce.curves import Curve
from sqsq.reproduce.definitions import NO_SURROGATE, UNSTATED, FigureDefinition
from sqsq.reproduce.options import FigureOptions

FloatArray = NDArray[np.float64]


def figure_record(
    definition: FigureDefinition,
    options: FigureOptions,
    accuracies: dict[Curve, FloatArray],
    images: int,
    versions: list[dict[str, Any]],
    command: str | None,
) -> dict[str, Any]:
    """Everything about a figure as JSON types; it can be drawn from this alone.

    Args:
        definition: The figure.
        options: What was chosen.
        accuracies: Of each curve, shape (seeds, iterations).
        images: How many images each of them is of.
        versions: The different versions under which its runs were begun.
        command: The command line, if it was one.
    """
    return {
        "figure": definition.name,
        "title": definition.title,
        "command": command,
        "versions": versions,
        "data": {
            "name": options.data,
            "sha256": {file.name: file.sha256 for file in find_entry(options.data).files},
        },
        "backend": options.backend,
        "accuracy": "single-shot test accuracy after each iteration",
        "images": images,
        "paper": {
            "statements": [
                {"words": s.words, "accuracy": s.accuracy, "says": s.says, "source": s.source}
                for s in definition.statements
            ],
            "unstated": UNSTATED,
        },
        "surrogate": {"available": False, "why": NO_SURROGATE},
        "curves": [curve_record(curve, values) for curve, values in accuracies.items()],
    }


def curve_record(curve: Curve, accuracies: FloatArray) -> dict[str, Any]:
    """A curve as JSON types."""
    return {
        "name": curve.name,
        "panel": curve.panel,
        "label": curve.label,
        "ideal": curve.ideal,
        "settings": curve.settings_json(),
        "seeds": list(range(len(accuracies))),
        "iterations": list(range(1, accuracies.shape[1] + 1)),
        "accuracies": accuracies.tolist(),
        **_mean_and_deviation(accuracies),
        "last": _mean_and_deviation(accuracies[:, -1]),
        "best_of_each_seed": _mean_and_deviation(accuracies.max(axis=1)),
    }


def _mean_and_deviation(values: FloatArray) -> dict[str, Any]:
    """Over the seeds, the first axis; one seed has no sample standard deviation."""
    deviation = values.std(axis=0, ddof=1).tolist() if len(values) > 1 else None
    return {"mean": values.mean(axis=0).tolist(), "standard_deviation": deviation}
