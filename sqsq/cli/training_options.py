"""Options of the commands that train; ``train`` and ``train-usps`` share them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from sqsq.cli.execution_options import execution_options
from sqsq.cli.mitigation_options import mitigation_options
from sqsq.cli.option_types import INTEGERS, PACK
from sqsq.data import ENCODERS
from sqsq.estimation import Estimator
from sqsq.experiments import TrainUspsSettings
from sqsq.learning import Baseline, Feedback, Gradient, OptimiserName, Shift

Command = TypeVar("Command", bound=Callable[..., Any])

_DEFAULTS = TrainUspsSettings()
_EMPTY = {"layout": "by the device's errors"}


def setting_option(name: str, help_text: str, **attributes: Any) -> Callable[[Command], Command]:
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


_OPTIONS = (
    setting_option(
        "backend",
        "aer, fake_<device> (its published noise), exact, exact:fake_<device> or ibm_<device>.",
        metavar="NAME",
    ),
    setting_option(
        "data-dir",
        "Folder with the data files; without it they are downloaded.",
        type=click.Path(path_type=Path),
    ),
    setting_option("encoder", "How examples become spikes.", type=click.Choice(tuple(ENCODERS))),
    setting_option("rate-limit", "Largest spike probability of the rate code."),
    setting_option(
        "ansatz", "partial-swap, memory-controlled, io-controlled or partial-swap-chain.", metavar="NAME"
    ),
    setting_option("io-qubits", "N, io qubits of a neuron."),
    setting_option("memory-qubits", "N^M, memory qubits of a neuron."),
    setting_option("steps", "T, time steps."),
    setting_option("hidden", "Widths of the hidden layers, such as 8,4."),
    click.option("--recurrent", is_flag=True, help="Hidden neurons feed each other, a step later."),
    click.option(
        "--execution",
        "network_execution",
        type=click.Choice(["auto", "layered", "fused"]),
        default="auto",
        show_default=True,
        help="Layer by layer, or the whole network in one dynamic circuit.",
    ),
    setting_option("iterations", "Mini-batch updates."),
    setting_option("batch-size", "Images of a mini-batch."),
    setting_option("m", "M, forward passes of an image."),
    setting_option("m-syn", "M_syn, perturbations of the weights."),
    setting_option("m-som", "M_som, repeats of the angle shifts."),
    setting_option("m-p", "M_p, shots of an evaluation."),
    setting_option("epsilon", "Size of the perturbations."),
    setting_option("estimator", "How log p(s_t) is estimated.", type=_choice(Estimator)),
    setting_option("shift", "Rule for the angles' gradients.", type=_choice(Shift)),
    setting_option("feedback", "Feedback to hidden neurons.", type=_choice(Feedback)),
    setting_option("baseline", "Baseline of that feedback.", type=_choice(Baseline)),
    setting_option(
        "gradient",
        "From shots, or exact ones for the hidden spikes drawn (exact backends only).",
        type=_choice(Gradient),
    ),
    setting_option("optimizer", "Optimiser.", type=_choice(OptimiserName)),
    setting_option("lr", "Learning rate of the weights."),
    setting_option("lr-theta", "Learning rate of the angles."),
    mitigation_options,
    setting_option("test-size", "Evaluate on the first so many test images; all by default.", type=int),
    setting_option(
        "eval-every",
        "Evaluate every so many iterations, and after the last.  [default: 10; on hardware the last]",
        type=int,
    ),
    setting_option("evaluate-on", "Images to evaluate on.", type=click.Choice(["test", "validation"])),
    setting_option("evaluate-backend", "Backend to evaluate on; the training's by default.", metavar="NAME"),
    setting_option("seed", "Seed of the run."),
    click.option(
        "--idle-noise/--no-idle-noise", default=True, show_default=True, help="Noise of waiting qubits."
    ),
    setting_option("layout", "Physical qubits, io then memory; several neurons one after the other."),
    setting_option("pack", "Neurons side by side on the device.", type=PACK, metavar="auto|off|K"),
    click.option("--guard-qubits", is_flag=True, help="Keep unused qubits between neurons side by side."),
    setting_option("job-seconds", "Size of a job by its estimated time.", type=float),
    execution_options,
    click.option("--run-dir", type=click.Path(path_type=Path), help="Run directory.  [default: runs/<time>]"),
    click.option("--resume", is_flag=True, help="Go on with the run in the run directory, if there is one."),
    click.option("--dry-run", is_flag=True, help="Print what the run would cost, and run nothing."),
    click.option("--yes", is_flag=True, help="Do not ask before spending QPU time."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line."),
)


def training_options(command: Command) -> Command:
    """Add them, in the order in which ``--help`` shows them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
