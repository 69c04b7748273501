"""``sqsq train-usps``."""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from sqsq.cli.execution_options import execution_options, given
from sqsq.cli.given_options import given_options
from sqsq.cli.mitigation_options import mitigation_options
from sqsq.cli.option_types import INTEGERS, PACK
from sqsq.cli.terminal import print_line, print_table
from sqsq.cli.training_display import advice_table, estimate_table, show_training
from sqsq.engines.exact import angles_without_effect
from sqsq.errors import UsageError
from sqsq.estimation import Estimator
from sqsq.experiments import (
    RunDirectory,
    RunEstimate,
    TrainUspsSettings,
    check_is_free,
    check_same_settings,
    estimate_usps,
    execution_of,
    settings_of,
    train_usps,
)
from sqsq.jobs import Execution
from sqsq.learning import Baseline, Feedback, Gradient, OptimiserName, Shift

_Command = TypeVar("_Command", bound=Callable[..., Any])

_DEFAULTS = TrainUspsSettings()
_EMPTY = {"layout": "by the device's errors"}


def _option(name: str, help_text: str, **attributes: Any) -> Callable[[_Command], _Command]:
    """An option of the same name as a setting, with its default."""
    default = getattr(_DEFAULTS, name.replace("-", "_"))
    if isinstance(default, tuple):
        attributes.setdefault("type", INTEGERS)
        attributes["show_default"] = ",".join(map(str, default)) or _EMPTY.get(name, "none")
    return click.option(
        f"--{name}", default=default, help=help_text, **{"show_default": default is not None, **attributes}
    )


def _choice(kind: Any) -> click.Choice[str]:
    return click.Choice(get_args(kind))


@click.command("train-usps")
@_option(
    "backend",
    "aer, fake_<device> (its published noise), exact, exact:fake_<device> or ibm_<device>.",
    metavar="NAME",
)
@_option("data", "usps, digits or another data set of `sqsq data list`.", metavar="NAME")
@_option(
    "data-dir", "Folder with the data files; without it they are downloaded.", type=click.Path(path_type=Path)
)
@_option("digits", "Digits to tell apart.")
@_option("ansatz", "partial-swap, memory-controlled, io-controlled or partial-swap-chain.", metavar="NAME")
@_option("io-qubits", "N, io qubits of a neuron.")
@_option("memory-qubits", "N^M, memory qubits of a neuron.")
@_option("steps", "T, time steps.")
@_option("hidden", "Widths of the hidden layers, such as 8,4.")
@click.option("--recurrent", is_flag=True, help="Hidden neurons of a layer feed each other, a step later.")
@click.option(
    "--execution",
    "network_execution",
    type=click.Choice(["auto", "layered", "fused"]),
    default="auto",
    show_default=True,
    help="Layer by layer, or the whole network in one dynamic circuit.",
)
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
@_option(
    "gradient",
    "From shots, or exact ones for the hidden spikes drawn (exact backends only).",
    type=_choice(Gradient),
)
@_option("optimizer", "Optimiser.", type=_choice(OptimiserName))
@_option("lr", "Learning rate of the weights.")
@_option("lr-theta", "Learning rate of the angles.")
@mitigation_options
@_option("test-size", "Evaluate on the first so many test images; all by default.", type=int)
@_option(
    "eval-every",
    "Evaluate every so many iterations, and after the last.  [default: 10; on hardware only after the last]",
    type=int,
)
@_option("evaluate-on", "Images to evaluate on.", type=click.Choice(["test", "validation"]))
@_option("evaluate-backend", "Backend to evaluate on; the training's by default.", metavar="NAME")
@_option("seed", "Seed of the run.")
@click.option(
    "--idle-noise/--no-idle-noise", default=True, show_default=True, help="Noise of waiting qubits."
)
@_option("layout", "Physical qubits, io then memory; several neurons one after the other.")
@_option("pack", "Neurons side by side on the device.", type=PACK, metavar="auto|off|K")
@click.option("--guard-qubits", is_flag=True, help="Keep unused qubits between neurons side by side.")
@_option("job-seconds", "Size of a job by its estimated time.", type=float)
@execution_options
@click.option("--run-dir", type=click.Path(path_type=Path), help="Run directory.  [default: runs/<time>]")
@click.option("--resume", is_flag=True, help="Go on with the run in the run directory, if there is one.")
@click.option("--dry-run", is_flag=True, help="Print what the run would cost, and run nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before spending QPU time.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(
    run_dir: Path | None, resume: bool, dry_run: bool, yes: bool, as_json: bool, **options: Any
) -> None:
    """Train a spiking network on handwritten digits.

    Every neuron is a dynamic circuit that learns by the local rule. The run directory gets
    config.json, metrics.jsonl, ledger.sqlite, checkpoint.npz, model.npz and training.png. With --resume a
    run goes on with its own settings; those given again must be the same.
    """
    if resume and run_dir is None:
        raise UsageError("--resume needs --run-dir: the run to go on with")
    carried_out = given(options)
    going_on = resume and run_dir is not None and RunDirectory(run_dir).holds_run
    if going_on and run_dir is not None:
        found = RunDirectory(run_dir)
        again = {name: value for name, value in given_options().items() if name in options}
        settings = replace(settings_of(found), **again)
        check_same_settings(settings, settings_of(found), found)
        execution = replace(execution_of(found), **carried_out)
    else:
        settings, execution = TrainUspsSettings(**options), Execution(**carried_out)
    for angle in angles_without_effect(settings.neuron):
        click.echo(
            f"angle {angle} has no effect in {settings.ansatz} neurons without noise: no shots are spent on "
            "it",
            err=True,
        )
    if dry_run or (settings.hardware and not going_on):
        if run_dir is not None and not going_on:
            check_is_free(run_dir)
        estimate = estimate_usps(settings, execution, downloads=True)
        print_table(estimate_table(estimate), stderr=as_json)
        if estimate.advice is not None:
            print_table(advice_table(estimate), stderr=as_json)
        elif estimate.no_advice is not None:
            print_line(estimate.no_advice, stderr=as_json)
        if dry_run:
            if as_json:
                click.echo(json.dumps(estimate.to_json()))
            return
        _confirm(estimate, execution, yes)
    directory = run_dir or Path("runs") / time.strftime("train-usps-%Y%m%d-%H%M%S")
    show_training(
        settings.iterations,
        lambda show, wait, note: train_usps(
            settings,
            run_dir=directory,
            resume=resume,
            execution=execution,
            on_iteration=show,
            on_wait=wait,
            on_note=note,
            progress=True,
        ),
        as_json,
    )


def _confirm(estimate: RunEstimate, execution: Execution, yes: bool) -> None:
    """Ask before QPU time is spent."""
    budget = execution.max_qpu_seconds
    needed = estimate.total.qpu_seconds
    if needed is not None and needed > budget:
        click.echo(
            f"this is more than --max-qpu-seconds {budget:.0f}: the run will stop there, resumable", err=True
        )
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("spending QPU time needs a yes: answer on a terminal, or give --yes")
    click.confirm(f"spend QPU time on {estimate.settings.backend}?", abort=True, err=True)
