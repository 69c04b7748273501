"""A training as a command runs it: cost first, a question before QPU time is spent, progress, figures."""

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from sqsq.cli.given_options import given_options
from sqsq.cli.resource_options import given
from sqsq.cli.terminal import print_line, print_table
from sqsq.cli.training_display import advice_table, estimate_table, show_training
from sqsq.errors import UsageError
from sqsq.jobs import Resources
from sqsq.runs import (
    RunDirectory,
    check_is_free,
    check_same_settings,
    estimate_run,
    idle_angles_of,
    resources_of,
    settings_from,
    settings_of,
    train,
)


def run_training(
    name: str,
    values: dict[str, Any],
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
        values: Settings by name, those that the user gave.
        run_dir: The run directory that was named.
        resume: Whether to go on with the run there.
        dry_run: Whether to say the cost only.
        yes: Whether QPU time may be spent without a question.
        as_json: Whether the last line is one JSON object.
        **options: How it is carried out, as click has it.
    """
    if resume and run_dir is None:
        raise UsageError("--resume needs --run-dir: the run to go on with")
    carried_out = given(options)
    going_on = resume and run_dir is not None and RunDirectory(run_dir).holds_run
    if going_on and run_dir is not None:
        found = RunDirectory(run_dir)
        settings = settings_of(found).changed(**values)
        check_same_settings(settings, settings_of(found), found)
        resources = replace(resources_of(found), **carried_out)
    else:
        settings, resources = settings_from(None, values), Resources(**carried_out)
    for angle in idle_angles_of(settings):
        click.echo(
            f"angle {angle} has no effect in {settings.values()['ansatz']} neurons without noise: no shots "
            "are spent on it",
            err=True,
        )
    if dry_run or (settings.hardware and not going_on):
        if run_dir is not None and not going_on:
            check_is_free(run_dir)
        estimate = estimate_run(settings, resources, downloads=True)
        print_table(estimate_table(estimate), stderr=as_json)
        if estimate.advice is not None:
            print_table(advice_table(estimate), stderr=as_json)
        elif estimate.no_advice is not None:
            print_line(estimate.no_advice, stderr=as_json)
        if dry_run:
            if as_json:
                click.echo(json.dumps(estimate.to_json()))
            return
        confirm_cost(estimate.total.qpu_seconds, settings.backend.name, resources, yes)
    directory = run_dir or new_directory(name)
    show_training(
        settings.iterations,
        lambda tell: train(
            settings=settings,
            run_dir=directory,
            resume=resume,
            resources=resources,
            on_event=tell,
            progress=True,
        ),
        as_json,
    )


def values_given(names: Any) -> dict[str, Any]:
    """The settings among the options that the user gave."""
    return {name: value for name, value in given_options().items() if name in names}


def new_directory(name: str) -> Path:
    """A directory under ``runs`` that is not there, named after the time."""
    first = Path("runs") / time.strftime(f"{name}-%Y%m%d-%H%M%S")
    directory, number = first, 1
    while directory.exists():
        number += 1
        directory = first.with_name(f"{first.name}-{number}")
    return directory


def confirm_cost(needed: float | None, backend: str, resources: Resources, yes: bool) -> None:
    """Ask before QPU time is spent.

    Args:
        needed: QPU seconds by estimate, where they are known.
        backend: Where they would be spent.
        resources: How much may be.
        yes: Whether nobody is to be asked.
    """
    budget = resources.max_qpu_seconds
    if needed is not None and needed > budget:
        click.echo(
            f"this is more than --max-qpu-seconds {budget:.0f}: the run will stop there, resumable", err=True
        )
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("spending QPU time needs a yes: answer on a terminal, or give --yes")
    click.confirm(f"spend QPU time on {backend}?", abort=True, err=True)
