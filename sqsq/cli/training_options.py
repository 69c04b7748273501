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


_SECTIONS = {
    "Data": (
        setting_option(
            "data-dir",
            "Folder with the data files; without it they are downloaded.",
            type=click.Path(path_type=Path),
        ),
        setting_option("encoder", "How examples become spikes.", type=click.Choice(tuple(ENCODERS))),
        setting_option("rate-limit", "Largest spike probability of the rate code."),
        setting_option("test-size", "Evaluate on the first so many test images; all by default.", type=int),
        setting_option("evaluate-on", "Images to evaluate on.", type=click.Choice(["test", "validation"])),
    ),
    "Network": (
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
    ),
    "Local rule": (
        setting_option("m", "M, forward passes of an example, each with an encoding of its own."),
        setting_option("m-syn", "M_syn, perturbations of all weights at once; each costs two evaluations."),
        setting_option("m-som", "M_som, repeats of each angle's shifts."),
        setting_option("m-p", "M_p, shots from which each probability is estimated."),
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
    ),
    "Training": (
        setting_option("iterations", "Mini-batch updates."),
        setting_option("batch-size", "Examples of a mini-batch."),
        setting_option("optimizer", "Optimiser.", type=_choice(OptimiserName)),
        setting_option("lr", "Learning rate of the weights."),
        setting_option("lr-theta", "Learning rate of the angles."),
        setting_option(
            "eval-every",
            "Evaluate every so many iterations, and after the last.  [default: 10; on hardware the last]",
            type=int,
        ),
        setting_option("seed", "Seed of the run."),
    ),
    "Backend": (
        setting_option(
            "backend",
            "aer, fake_<device> (its published noise), exact, exact:fake_<device> or ibm_<device>.",
            metavar="NAME",
        ),
        setting_option(
            "evaluate-backend", "Backend to evaluate on; the training's by default.", metavar="NAME"
        ),
        click.option(
            "--idle-noise/--no-idle-noise", default=True, show_default=True, help="Noise of waiting qubits."
        ),
        setting_option("layout", "Physical qubits, io then memory; several neurons one after the other."),
        setting_option("pack", "Neurons side by side on the device.", type=PACK, metavar="auto|off|K"),
        click.option("--guard-qubits", is_flag=True, help="Keep unused qubits between neurons side by side."),
        setting_option("job-seconds", "Size of a job by its estimated time.", type=float),
    ),
    "Mitigation": (mitigation_options,),
    "How it is carried out": (execution_options,),
    "Run": (
        click.option(
            "--run-dir", type=click.Path(path_type=Path), help="Run directory.  [default: runs/<time>]"
        ),
        click.option(
            "--resume", is_flag=True, help="Go on with the run in the run directory, if there is one."
        ),
        click.option("--dry-run", is_flag=True, help="Print what the run would cost, and run nothing."),
        click.option("--yes", is_flag=True, help="Do not ask before spending QPU time."),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line."),
    ),
}


def training_options(command: Command) -> Command:
    """Add them, in the order in which ``--help`` shows them."""
    for options in reversed(_SECTIONS.values()):
        for option in reversed(options):
            command = option(command)
    return command


class TrainingCommand(click.Command):
    """A command whose help has sections, and examples at its end."""

    def __init__(self, *arguments: Any, examples: tuple[str, ...] = (), **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._examples = examples

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, section by section."""
        options = {str(each.name): each for each in self.get_params(ctx) if isinstance(each, click.Option)}
        sections = {title: _names(made) for title, made in _SECTIONS.items()}
        grouped = {name for names in sections.values() for name in names}
        own = [
            name for name, option in options.items() if name not in grouped and "--help" not in option.opts
        ]
        sections["Data"] = [*own, *sections["Data"]]
        sections["Run"] += [name for name, option in options.items() if "--help" in option.opts]
        for title, names in sections.items():
            with formatter.section(title):
                records = (options[name].get_help_record(ctx) for name in names)
                formatter.write_dl([record for record in records if record is not None])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, a line each."""
        with formatter.section("Examples"):
            for line in self._examples:
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")


def _names(options: tuple[Callable[[Any], Any], ...]) -> list[str]:
    """The names of the parameters that some options make."""

    def nothing() -> None:
        pass

    for option in reversed(options):
        option(nothing)
    return [str(param.name) for param in reversed(nothing.__click_params__)]  # type: ignore[attr-defined]
