"""Progress and results of a training run on a terminal."""

import json
from collections.abc import Callable
from typing import Any

import click
from rich.table import Table

from sqsq.cli.terminal import print_table, progress
from sqsq.inference import accuracy_in_words
from sqsq.jobs import Note, Tell, Waiting
from sqsq.mitigation import describe
from sqsq.runs import RunEstimate, TrainedRun
from sqsq.shell import shell_command
from sqsq.training import IterationDone, IterationMetrics


def show_training(iterations: int, train: Callable[[Tell], TrainedRun], as_json: bool) -> None:
    """Run a training with a progress bar, then print its figures.

    Args:
        iterations: How many there will be.
        train: Trains, and tells a subscriber what happens.
        as_json: Whether the last line is one JSON object.
    """
    with progress("figures") as bar:
        task = bar.add_task("training", total=iterations, figures="starting")
        latest = {"accuracy": ""}

        def show(metrics: IterationMetrics) -> None:
            if metrics.accuracy is not None and metrics.interval is not None:
                low, high = metrics.interval
                latest["accuracy"] = f"  accuracy {metrics.accuracy:.3f} ({low:.3f} to {high:.3f})"
            rate = metrics.evaluations / max(metrics.seconds, 1e-9)
            loss = "" if metrics.loss is None else f"loss {metrics.loss[1]:.2f}"
            figures = f"{loss}{latest['accuracy']}  {rate:.0f} evaluations/s"
            bar.update(task, advance=1, figures=figures)

        def tell(event: Any) -> None:
            if isinstance(event, IterationDone):
                show(event.metrics)
            elif isinstance(event, Waiting):
                bar.update(task, figures=event.words)
            elif isinstance(event, Note):
                bar.console.print(event.words, highlight=False, soft_wrap=True)

        run = train(tell)
    print_table(_results(run), stderr=as_json)
    if run.run_dir is not None:
        click.echo(f"run directory: {shell_command(run.run_dir)}", err=as_json)
    if as_json:
        click.echo(json.dumps(run.summary()))


def _results(run: TrainedRun) -> Table:
    table = Table(title=f"{run.settings.model} on {run.settings.backend.name}", show_header=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    last = run.metrics[-1]
    assert last.images is not None
    assert run.accuracy is not None
    table.add_row(
        f"single-shot {run.settings.evaluation.evaluate_on} accuracy",
        accuracy_in_words(run.accuracy, last.images),
    )
    table.add_row("ties broken at random", f"{last.ties}")
    table.add_row("iterations", f"{last.iteration}")
    for name, value in last.measures.items():
        table.add_row(*_measure(name, value, run.settings.values().get("estimator")))
    if last.spikes_per_step is not None:
        table.add_row("spikes per step", f"{last.spikes_per_step:.3f}")
    table.add_row("evaluations, shots", f"{run.usage.evaluations:,}, {run.usage.executions:,} for training")
    table.add_row("seconds", f"{run.seconds:.1f} training, {run.seconds_evaluating:.1f} evaluating")
    return table


def _measure(name: str, value: float, estimator: str | None) -> tuple[str, str]:
    """What a measure is called, and its value in words."""
    if name == "loss_bound":
        alone = "" if estimator == "prefix" else ", of p(s_t) alone (estimator marginal)"
        return "loss bound L", f"{value:.3f} nats an image{alone}"
    return name.replace("_", " "), f"{value:.4g}"


def estimate_table(estimate: RunEstimate) -> Table:
    """What a run would cost."""
    title = f"estimated cost of this run on {estimate.settings.backend.name}"
    if not estimate.hardware:
        title += " (simulated: nothing is charged)"
    table = Table(title=title, show_header=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for row in estimate.rows():
        table.add_row(*row)
    return table


def advice_table(estimate: RunEstimate) -> Table:
    """What mitigation is predicted to gain."""
    shots = estimate.settings.values()["m_p"]
    title = f"predicted errors of a spike probability, {shots:,} shots"
    table = Table(title=title, caption=estimate.advice_line())
    for name in ("", "bias", "deviation", "error"):
        table.add_column(name, style=None if name else "dim")
    assert estimate.advice is not None
    for each in estimate.advice.predictions:
        numbers = (each.bias, each.variance**0.5, each.rmse)
        table.add_row(describe(each.mitigation), *(f"{number:.4f}" for number in numbers))
    return table
