"""The training runs of a figure, each in a run directory of its own, so that each can be resumed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqsq.jobs import Resources
from sqsq.reproduce.curves import Curve
from sqsq.runs import RunDirectory, check_same_settings, settings_of, train
from sqsq.training import IterationDone, IterationMetrics


@dataclass(frozen=True)
class FigureRun:
    """One run of a curve.

    Attributes:
        curve: The curve.
        seed: The seed of the run.
        directory: Its run directory.
    """

    curve: Curve
    seed: int
    directory: RunDirectory

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        metrics = self.directory.metrics()
        return bool(metrics) and metrics[-1]["iteration"] == self.curve.settings.iterations

    def check(self) -> None:
        """Make sure that what is there already is this run.

        Raises:
            UsageError: If it has other settings.
            DataError: If it is no run that can be read.
        """
        if self.directory.holds_run:
            check_same_settings(
                self.curve.run_settings(self.seed), settings_of(self.directory), self.directory
            )

    def train(self, resources: Resources, on_iteration: Callable[[IterationMetrics], None]) -> None:
        """Train to the end, from the last thing known."""

        def heed(event: Any) -> None:  # not notes: whether mitigation pays is what the figure shows
            if isinstance(event, IterationDone):
                on_iteration(event.metrics)

        train(
            settings=self.curve.run_settings(self.seed),
            run_dir=self.directory.path,
            resume=True,
            resources=resources,
            on_event=heed,
            progress=True,
        )

    def accuracies(self) -> list[float]:
        """Single-shot accuracy after each iteration."""
        return [line["accuracy"] for line in self.directory.metrics()]

    def versions(self) -> dict[str, Any]:
        """The versions that began it."""
        config = self.directory.config()
        return {"python": config["python"], **config["packages"]}


def runs_of(curves: Sequence[Curve], seeds: int, directory: Path) -> list[FigureRun]:
    """All runs of a figure.

    Args:
        curves: Its curves.
        seeds: Runs of each.
        directory: Where their run directories are.
    """
    return [
        FigureRun(curve, seed, RunDirectory(directory / f"{curve.name}-seed{seed}"))
        for curve in curves
        for seed in range(seeds)
    ]


def images_of(runs: Sequence[FigureRun]) -> int:
    """How many images every accuracy of these runs is of."""
    images: int = runs[0].directory.metrics()[-1]["images"]
    return images


def accuracies_of(curve: Curve, runs: Sequence[FigureRun]) -> NDArray[np.float64]:
    """The accuracies of a curve, shape (seeds, iterations)."""
    return np.array([run.accuracies() for run in runs if run.curve == curve])
