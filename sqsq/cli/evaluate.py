"""``sqsq evaluate``."""

import json
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from sqsq.cli.example_command import ExampleCommand
from sqsq.cli.given_options import given_options
from sqsq.cli.resource_options import given, resource_options
from sqsq.cli.terminal import print_table, status
from sqsq.cli.training_options import sections_of, setting_options
from sqsq.cli.training_run import confirm_cost
from sqsq.engines import is_hardware
from sqsq.inference import accuracy_in_words
from sqsq.jobs import Note, Resources, Waiting
from sqsq.runs import (
    EvaluationEstimate,
    RunDirectory,
    estimate_evaluation,
    evaluate_run,
    settings_of,
)


@click.command(
    "evaluate",
    cls=ExampleCommand,
    examples=(
        "sqsq evaluate RUN_DIR --repeats 5 --backend fake_torino",
        "sqsq evaluate RUN_DIR --shots 20000 --mitigation auto",
        "sqsq evaluate RUN_DIR --backend ibm_brisbane --dry-run",
    ),
)
@click.argument("run_dir", type=click.Path(path_type=Path))
@click.option("--backend", metavar="NAME", help="Another backend than the run's.")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Another folder with the data files.")
@click.option("--test-size", type=int, help="Only the first so many images.")
@click.option("--repeats", type=int, default=1, show_default=True, help="How often to classify every image.")
@click.option("--shots", type=int, help="Classify by probabilities, each estimated from so many shots.")
@setting_options(sections_of(["local"])["Mitigation"], ["local"])
@click.option("--seed", type=int, help="Another seed than the run's.")
@click.option(
    "--idle-noise/--no-idle-noise", default=None, help="Noise of waiting qubits; as in the run by default."
)
@resource_options(simulators=False)
@click.option("--dry-run", is_flag=True, help="Print what it would cost, and run nothing.")
@click.option("--yes", is_flag=True, help="Do not ask before spending QPU time.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(
    run_dir: Path,
    repeats: int,
    shots: int | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Classify test images with a trained run.

    Every image is encoded afresh and every neuron runs once: single-shot inference. With --shots classes
    follow from estimated spike probabilities, which --zne, --readout and --mitigation act on. What is not
    given is as in the run. On a real device the cost is shown first; interrupted, the same command goes on.
    """
    changed = given(options)
    resources = Resources(**changed) if changed else None
    typed = given_options()
    changes: dict[str, Any] = {name: value for name, value in options.items() if name in typed}
    asked = {"repeats": repeats, "shots": shots, "resources": resources, "progress": True, **changes}
    if dry_run or _hardware(run_dir, changes):
        with status("estimating"):
            estimate = estimate_evaluation(run_dir, **asked)
        print_table(_cost(estimate), stderr=as_json)
        if dry_run:
            if as_json:
                click.echo(json.dumps(estimate.to_json()))
            return
        confirm_cost(estimate.cost.qpu_seconds, estimate.backend, resources or Resources(), yes)
    with status("evaluating") as line:

        def show(event: Any) -> None:
            if isinstance(event, Note):
                click.echo(event.words, err=True)
            elif isinstance(event, Waiting):
                line.update(event.words)

        result = evaluate_run(run_dir, on_event=show, **asked)
    _print(result.summary(), shots, repeats, as_json)


def _print(summary: dict[str, Any], shots: int | None, repeats: int, as_json: bool) -> None:
    """Print the figures."""
    if as_json:
        click.echo(json.dumps(summary))
        return
    kind = "single-shot" if shots is None else f"{shots}-shot ({summary['mitigation']})"
    spread = ""
    if summary["accuracy_std"] is not None:
        spread = f"; standard deviation {summary['accuracy_std']:.4f} over {repeats} repeats of these images"
    rate = summary["spikes_per_step"]
    spikes = "" if rate is None else f"; {rate:.3f} spikes per step"
    click.echo(
        f"{kind} accuracy {accuracy_in_words(summary['accuracy'], summary['images'])} on "
        f"{summary['backend']}{spread}{spikes}"
    )


def _hardware(run_dir: Path, changes: dict[str, Any]) -> bool:
    """Whether it would run on a real device."""
    return is_hardware(changes.get("backend") or settings_of(RunDirectory(run_dir)).evaluating)


def _cost(estimate: EvaluationEstimate) -> Table:
    goes_on = ", which goes on: what is done is not paid again" if estimate.begun else ""
    table = Table(
        title=f"estimated cost of this evaluation on {estimate.backend}{goes_on}", show_header=False
    )
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for row in estimate.rows():
        table.add_row(*row)
    return table
