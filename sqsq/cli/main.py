"""The command ``sqsq``: finds subcommands lazily, and turns errors into one line and an exit code."""

from importlib import import_module
from typing import Any

import click

from sqsq import __version__
from sqsq.cli.exit_codes import exit_code_of
from sqsq.cli.process import run_command
from sqsq.cli.streams import reader_may_go

_COMMANDS = {
    "train": ("sqsq.cli.train", "Train a model to tell the classes of DATASET apart."),
    "train-usps": ("sqsq.cli.train_usps", "Train a spiking network on handwritten digits."),
    "resume": ("sqsq.cli.resume", "Go on with a run from the last thing known."),
    "status": ("sqsq.cli.status", "Say how a run stands."),
    "cancel": ("sqsq.cli.cancel", "Stop a run, or an evaluation on a device, and cancel its jobs."),
    "evaluate": ("sqsq.cli.evaluate", "Classify test images with a trained run."),
    "predict": ("sqsq.cli.predict", "Say what a trained run takes the examples of FILE for."),
    "reproduce": ("sqsq.cli.reproduce", "Reproduce the paper's figures, and measure its local gradient."),
    "inspect": ("sqsq.cli.inspect", "Say what a neuron remembers, by exact calculation."),
    "compile": ("sqsq.cli.compile", "Emit the dynamic circuit of a neuron or a network."),
    "backends": ("sqsq.cli.backends", "List the backends."),
    "data": ("sqsq.cli.data", "List and fetch data sets."),
}
"""Each subcommand's module, whose ``command`` it is, and what the overview says of it."""


class _LazyGroup(click.Group):
    """A group whose subcommands are imported only when they run, so that ``--help`` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == "train-reservoir":
            raise click.UsageError("train-reservoir is sqsq train DATASET --model reservoir by now")
        if cmd_name not in _COMMANDS:
            from sqsq.checks import did_you_mean, shown  # loads NumPy, which help is quicker without

            meant = did_you_mean(cmd_name, _COMMANDS)
            raise click.UsageError(f"unknown command {shown(cmd_name)}{meant}: see sqsq --help")
        command: click.Command = import_module(_COMMANDS[cmd_name][0]).command
        return command

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        with reader_may_go():
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: click.Context) -> Any:
        with reader_may_go():
            return super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])


@click.command(
    cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, message="sqsq %(version)s")
def cli() -> None:
    """Train stochastic quantum spiking neural networks as dynamic circuits."""


def main() -> None:
    """Run the command line and exit with its code."""
    run_command(exit_code)


def exit_code() -> int:
    """Run the command line; its exit code."""
    return exit_code_of(cli, "sqsq")
