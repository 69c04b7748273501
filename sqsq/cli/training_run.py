"""A training as a command runs it: cost first, a question before QPU time is spent, progress, figures."""

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from sqsq.cli.execution_options import given
from sqsq.cli.given_options import given_options
from sqsq.cli.terminal import print_line, print_table
from sqsq.cli.training_display import advice_table, estimate_table, show_training
from sqsq.engines.exact import angles_without_effect
from sqsq.errors import UsageError
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


def run_training(
    name: str,
    /,
    *,
    run_dir: Path | None,
    resume: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Train, or say what it would cost.

    Args:
        name: What a run directory that nobody named begins with.
        run_dir: The run directory that was named.
        resume: Whether to go on with the run there.
        dry_run: Whether to say the cost only.
        yes: Whether QPU time may be spent without a question.
        as_json: Whether the last line is one JSON object.
        **options: Settings and how they are carried out, as click has them.
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
    directory = run_dir or new_directory(name)
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


def new_directory(name: str) -> Path:
    """A directory under ``runs`` that is not there, named after the time."""
    first = Path("runs") / time.strftime(f"{name}-%Y%m%d-%H%M%S")
    directory, number = first, 1
    while directory.exists():
        number += 1
        directory = first.with_name(f"{first.name}-{number}")
    return directory


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
