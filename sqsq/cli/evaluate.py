"""``sqsq evaluate``."""

import json
from pathlib import Path
from typing import Any

import click

from sqsq.cli.given_options import given_options
from sqsq.cli.terminal import status
from sqsq.cli.training_options import sections_of, setting_options
from sqsq.inference import accuracy_in_words
from sqsq.jobs import Note
from sqsq.runs import evaluate_run


def _show_note(event: Any) -> None:
    if isinstance(event, Note):
        click.echo(event.words, err=True)


@click.command("evaluate")
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
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def command(run_dir: Path, repeats: int, shots: int | None, as_json: bool, **options: Any) -> None:
    """Classify test images with a trained run.

    Every image is encoded afresh and every neuron runs once: single-shot inference. With --shots classes
    follow from estimated spike probabilities, which --zne, --readout and --mitigation act on. What is not
    given is as in the run.
    """
    given = given_options()
    changes = {name: value for name, value in options.items() if name in given}
    with status("evaluating"):
        result = evaluate_run(
            run_dir,
            repeats=repeats,
            shots=shots,
            on_event=_show_note,
            progress=True,
            **changes,
        )
    summary = result.summary()
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
