"""``sqsq train-usps``."""

import json
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar, get_args

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from sqsq.cli.option_types import INTEGERS
from sqsq.engines.exact import angles_without_effect
from sqsq.experiments import TrainedRun, TrainUspsSettings, train_usps
from sqsq.learning.estimators import Estimator
from sqsq.learning.feedback import Baseline, Feedback
from sqsq.learning.optimisers import OptimiserName
from sqsq.learning.settings import Gradient
from sqsq.learning.shift_rules import Shift
from sqsq.report import IterationMetrics

_Command = TypeVar("_Command", bound=Callable[..., Any])

_DEFAULTS = TrainUspsSettings()


def _option(name: str, help_text: str, **attributes: Any) -> Callable[[_Command], _Command]:
    """An option of the same name as a setting, with its default."""
    default = getattr(_DEFAULTS, name.replace("-", "_"))
    if isinstance(default, tuple):
        attributes.setdefault("type", INTEGERS)
        attributes["show_default"] = ",".join(map(str, default)) or "none"
    return click.option(
        f"--{name}", default=default, help=help_text, **{"show_default": default is not None, **attributes}
    )


def _choice(kind: Any) -> click.Choice[str]:
    return click.Choice(get_args(kind))


@click.command("train-usps")
@_option("backend", "aer, fake_<device> (its published noise), exact or exact:fake_<device>.", metavar="NAME")
@_option("data", "usps, digits or another data set of `sqsq data list`.", metavar="NAME")
@_option(
    "data-dir", "Folder with the data files; without it they are downloaded.", type=click.Path(path_type=Path)
)
@_option("digits", "Digits to tell apart.")
@_option("ansatz", "partial-swap, memory-controlled or io-controlled.", metavar="NAME")
@_option("io-qubits", "N, io qubits of a neuron.")
@_option("memory-qubits", "N^M, memory qubits of a neuron.")
@_option("steps", "T, time steps.")
@_option("hidden", "Widths of the hidden layers, such as 8,4.")
@_option("iterations", "Mini-batch updates.")
@_option("batch-size", "Images of a mini-batch.")
@_option("m", "M, forward passes of an image.")
@_option("m-syn", "M_syn, perturbations of the weights.")
@_option("m-som", "M_som, repeats of the angle shifts.")
@_option("m-p", "M_p, shots of an evaluation.")
@_option("epsilon", "Size of the perturbations.")
@_option("estimator", "How log p(s_t) is estimated.", type=_choice(Estimator))
@_option("shift", "Rule for the angles' gradients.", type=_choice(Shift))
@_option("feedback", "Feedback to hidden neurons.", type=_choice(Feedback))
@_option("baseline", "Baseline of that feedback.", type=_choice(Baseline))
@_option("gradient", "From shots, or the exact ones (exact backends only).", type=_choice(Gradient))
@_option("optimizer", "Optimiser.", type=_choice(OptimiserName))
@_option("lr", "Learning rate of the weights.")
@_option("lr-theta", "Learning rate of the angles.")
@_option("test-size", "Evaluate on the first so many test images; all by default.", type=int)
@_option("eval-every", "Evaluate every so many iterations, and after the last.")
@_option("evaluate-on", "Images to evaluate on.", type=click.Choice(["test", "validation"]))
@_option("evaluate-backend", "Backend to evaluate on; the training's by default.", metavar="NAME")
@_option("seed", "Seed of the run.")
@click.option(
    "--idle-noise/--no-idle-noise", default=True, show_default=True, help="Noise of waiting qubits."
)
@click.option("--run-dir", type=click.Path(path_type=Path), help="New run directory.  [default: runs/<time>]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(run_dir: Path | None, as_json: bool, **options: Any) -> None:
    """Train a spiking network on handwritten digits.

    Every neuron is a dynamic circuit that learns by the local rule. The run directory gets
    config.json, metrics.jsonl, model.npz and training.png.
    """
    settings = TrainUspsSettings(**{field.name: options[field.name] for field in fields(TrainUspsSettings)})
    for angle in angles_without_effect(settings.neuron):
        click.echo(
            f"angle {angle} has no effect in {settings.ansatz} neurons: no shots are spent on it", err=True
        )
    run_dir = run_dir or Path("runs") / time.strftime("train-usps-%Y%m%d-%H%M%S")
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[figures]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("training", total=settings.iterations, figures="starting")
        latest = {"accuracy": ""}

        def show(metrics: IterationMetrics) -> None:
            if metrics.accuracy is not None:
                latest["accuracy"] = f"  accuracy {metrics.accuracy:.3f}"
            rate = metrics.evaluations / metrics.seconds
            figures = f"loss {metrics.loss_bound:.2f}{latest['accuracy']}  {rate:.0f} evaluations/s"
            progress.update(task, advance=1, figures=figures)

        run = train_usps(settings, run_dir=run_dir, on_iteration=show, progress=True)
    Console(stderr=as_json).print(_table(run))
    if as_json:
        click.echo(json.dumps(run.summary()))


def _table(run: TrainedRun) -> Table:
    table = Table(title=f"trained on {run.settings.backend}", show_header=False)
    table.add_column(style="dim")
    table.add_column()
    images = "validation" if run.settings.evaluate_on == "validation" else "test"
    last = run.metrics[-1]
    for name, value in (
        (f"single-shot {images} accuracy", f"{run.accuracy:.4f} ({last.ties} ties broken at random)"),
        ("iterations", f"{last.iteration}"),
        ("loss bound L", f"{last.loss_bound:.3f} nats an image"),
        ("spikes per step", f"{last.spikes_per_step:.3f}"),
        ("evaluations, executions", f"{run.usage.evaluations:,}, {run.usage.executions:,} for training"),
        ("seconds", f"{run.seconds:.1f} training, {run.seconds_evaluating:.1f} evaluating"),
        ("run directory", f"{run.run_dir}"),
    ):
        table.add_row(name, value)
    return table
