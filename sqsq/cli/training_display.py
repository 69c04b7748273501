"""Progress and results of a training run on a terminal."""

import json
from collections.abc import Callable

import click
from rich.table import Table

from sqsq.cli.terminal import print_table, progress
from sqsq.experiments import RunEstimate, TrainedRun
from sqsq.learning import accuracy_in_words
from sqsq.mitigation import describe
from sqsq.report import IterationMetrics
from sqsq.shell import shell_command

Show = Callable[[IterationMetrics], None]
Say = Callable[[str], None]


def show_training(iterations: int, train: Callable[[Show, Say, Say], TrainedRun], as_json: bool) -> None:
    """Run a training with a progress bar, then print its figures.

    Args:
        iterations: How many there will be.
        train: Trains, given what to call after each iteration, while waiting, and with what is to be read.
        as_json: Whether the last line is one JSON object.
    """
    with progress("figures") as bar:
        task = bar.add_task("training", total=iterations, figures="starting")
        latest = {"accuracy": ""}

        def show(metrics: IterationMetrics) -> None:
            if metrics.accuracy is not None and metrics.interval is not None:
                low, high = metrics.interval
                latest["accuracy"] = f"  accuracy {metrics.accuracy:.3f} ({low:.3f} to {high:.3f})"
            rate = metrics.evaluations / metrics.seconds
            figures = f"loss {metrics.loss_bound:.2f}{latest['accuracy']}  {rate:.0f} evaluations/s"
            bar.update(task, advance=1, figures=figures)

        run = train(
            show,
            lambda words: bar.update(task, figures=words),
            lambda words: bar.console.print(words, highlight=False, soft_wrap=True),
        )
    print_table(_results(run), stderr=as_json)
    if run.run_dir is not None:
        click.echo(f"run directory: {shell_command(run.run_dir)}", err=as_json)
    if as_json:
        click.echo(json.dumps(run.summary()))


def _results(run: TrainedRun) -> Table:
    table = Table(title=f"trained on {run.settings.backend}", show_header=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    images = "validation" if run.settings.evaluate_on == "validation" else "test"
    last = run.metrics[-1]
    assert last.images is not None
    alone = "" if run.settings.estimator == "prefix" else ", of p(s_t) alone (estimator marginal)"
    for name, value in (
        (f"single-shot {images} accuracy", accuracy_in_words(run.accuracy, last.images)),
        ("ties broken at random", f"{last.ties}"),
        ("iterations", f"{last.iteration}"),
        ("loss bound L", f"{last.loss_bound:.3f} nats an image{alone}"),
        ("spikes per step", f"{last.spikes_per_step:.3f}"),
        ("evaluations, shots", f"{run.usage.evaluations:,}, {run.usage.executions:,} for training"),
        ("seconds", f"{run.seconds:.1f} training, {run.seconds_evaluating:.1f} evaluating"),
    ):
        table.add_row(name, value)
    return table


def estimate_table(estimate: RunEstimate) -> Table:
    """What a run would cost."""
    title = f"estimated cost of this run on {estimate.settings.backend}"
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
    shots = estimate.settings.m_p
    title = f"predicted errors of a spike probability, {shots:,} shots"
    table = Table(title=title, caption=estimate.advice_line())
    for name in ("", "bias", "deviation", "error"):
        table.add_column(name, style=None if name else "dim")
    assert estimate.advice is not None
    for each in estimate.advice.predictions:
        numbers = (each.bias, each.variance**0.5, each.rmse)
        table.add_row(describe(each.mitigation), *(f"{number:.4f}" for number in numbers))
    return table
