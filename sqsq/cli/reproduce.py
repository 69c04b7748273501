"""``sqsq reproduce``."""

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from sqsq.cli.example_command import ExampleCommand
from sqsq.cli.option_types import NAMES
from sqsq.cli.reproduction_display import centre_table, curves_table, show_reproduction
from sqsq.errors import DataError
from sqsq.jobs import Resources
from sqsq.reproduce import FigureOptions, reproduce_figure
from sqsq.reproduce.sensitivity import SensitivityOptions, measure_sensitivity
from sqsq.runs import read_json, results_in

_Command = TypeVar("_Command", bound=Callable[..., Any])


@click.group("reproduce")
def command() -> None:
    """Reproduce the paper's figures, and measure its local gradient.

    The same command again goes on where it was: what is finished is not done again.
    """


def _shared_options(defaults: FigureOptions | SensitivityOptions, out: str) -> Callable[[_Command], _Command]:
    """Options of every reproduction."""

    def add(function: _Command) -> _Command:
        for option in (
            click.option("--json", "as_json", is_flag=True, help="Print the record as the last line."),
            click.option(
                "--out",
                type=click.Path(path_type=Path),
                default=Path(out),
                show_default=True,
                help="Directory of the results.",
            ),
            click.option(
                "--ansatz",
                "ansatze",
                type=NAMES,
                default=defaults.ansatze,
                show_default=",".join(defaults.ansatze),
                help="Ansatze, one panel or picture each.",
            ),
            click.option(
                "--data-dir",
                type=click.Path(path_type=Path),
                help="Folder with the data files; without it they are downloaded.",
            ),
            click.option(
                "--data", default=defaults.data, show_default=True, metavar="NAME", help="Data set."
            ),
        ):
            function = option(function)
        return function

    return add


def _figure_options(name: str) -> Callable[[_Command], _Command]:
    defaults = FigureOptions()

    def add(function: _Command) -> _Command:
        for option in (
            _shared_options(defaults, f"results/{name}"),
            click.option("--workers", type=int, default=0, show_default=True, help="Worker processes."),
            click.option("--test-size", type=int, help="Only the first so many test images; all by default."),
            click.option(
                "--iterations",
                type=int,
                default=defaults.iterations,
                show_default=True,
                help="Mini-batch updates.",
            ),
            click.option(
                "--seeds", type=int, default=defaults.seeds, show_default=True, help="Runs of each curve."
            ),
            click.option(
                "--backend",
                default=defaults.backend,
                show_default=True,
                metavar="NAME",
                help="Noise model: exact:fake_<device>, or fake_<device>, the same distribution from Aer, "
                "hundreds of times slower.",
            ),
        ):
            function = option(function)
        return function

    return add


@command.command("fig2a", cls=ExampleCommand, examples=("sqsq reproduce fig2a --data-dir FOLDER",))
@_figure_options("fig2a")
def fig2a(**options: Any) -> None:
    """Fig. 2(a): accuracy of local learning without error mitigation.

    Curves for the paper's (M, M_syn), M_som = 1, M_p = 5, and the ideal local rule.
    """
    _reproduce("fig2a", **options)


@command.command("fig2b", cls=ExampleCommand, examples=("sqsq reproduce fig2b --data-dir FOLDER",))
@_figure_options("fig2b")
def fig2b(**options: Any) -> None:
    """Fig. 2(b): the same with zero-noise extrapolation."""
    _reproduce("fig2b", **options)


def _reproduce(name: str, out: Path, as_json: bool, workers: int, **options: Any) -> None:
    chosen, resources = FigureOptions(**options), Resources(workers=workers)
    show_reproduction(
        lambda show: reproduce_figure(
            name, chosen, out=out, command=_command_line(), resources=resources, on_progress=show
        ),
        curves_table,
        as_json,
    )


@command.command(
    "sensitivity", cls=ExampleCommand, examples=("sqsq reproduce sensitivity --data-dir FOLDER",)
)
@click.option(
    "--backend",
    default=SensitivityOptions.backend,
    show_default=True,
    metavar="NAME",
    help="exact or exact:fake_<device>.",
)
@click.option(
    "--repeats",
    type=int,
    default=SensitivityOptions.repeats,
    show_default=True,
    help="Independent estimates of a gradient.",
)
@click.option(
    "--training-iterations",
    type=int,
    default=SensitivityOptions.training_iterations,
    show_default=True,
    help="Iterations after which the network counts as trained.",
)
@click.option(
    "--batch-size",
    type=int,
    default=SensitivityOptions.batch_size,
    show_default=True,
    help="Images of the mini-batch.",
)
@click.option("--seed", type=int, default=SensitivityOptions.seed, show_default=True, help="Seed.")
@_shared_options(SensitivityOptions(), "results/sensitivity")
def sensitivity(out: Path, as_json: bool, **options: Any) -> None:
    """Bias and variance of the local gradient against the exact one.

    Over M_syn, M_som, M_p, epsilon and the rules for the angles, one factor at a time; for the marginal
    p(s_t), one layer of neurons.
    """
    chosen = SensitivityOptions(**options)
    show_reproduction(
        lambda show: measure_sensitivity(chosen, out=out, command=_command_line(), on_progress=show),
        centre_table,
        as_json,
    )


@command.command("draw", cls=ExampleCommand, examples=("sqsq reproduce draw results/fig2a/fig2a.json",))
@click.argument("record", type=click.Path(path_type=Path))
def draw(record: Path) -> None:
    """Draw a picture again from its JSON file, beside it."""
    from sqsq.report import save_accuracy_figure, save_sensitivity_figures

    values = read_json(record)
    try:
        with results_in(record.parent):
            if values["figure"] == "sensitivity":
                save_sensitivity_figures(values, record.parent)
            else:
                save_accuracy_figure(values, record.with_suffix(".png"))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{record} is no record of a reproduction: {error!r}") from error


def _command_line() -> str:
    """What was typed."""
    return shlex.join(["sqsq", *sys.argv[1:]])
