"""The command ``sqsq``: finds subcommands lazily, and turns errors into one line and an exit code."""

import io
import os
import sys
from importlib import import_module

import click

from sqsq import __version__
from sqsq.cli.interrupts import Terminated, raise_on_interrupts
from sqsq.errors import SqsqError, printable

_INTERRUPTED, _TERMINATED = 130, 143

_COMMANDS = {
    "train-usps": ("sqsq.cli.train_usps", "Train a spiking network on handwritten digits."),
    "train-reservoir": (
        "sqsq.cli.train_reservoir",
        "Train a linear read-out of a fixed spiking network on handwritten digits.",
    ),
    "resume": ("sqsq.cli.resume", "Go on with a run from the last thing known."),
    "status": ("sqsq.cli.status", "Say how a run stands."),
    "cancel": ("sqsq.cli.cancel", "Stop a run and cancel its jobs."),
    "evaluate": ("sqsq.cli.evaluate", "Classify test images with a trained run."),
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
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(_COMMANDS[cmd_name][0]).command
        return command

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
    raise_on_interrupts()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what the terminal lacks is written as its escape
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_exit_code())


def _exit_code() -> int:
    try:
        code = cli.main(standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Abort:  # what click makes of Ctrl-C
        click.echo("sqsq: interrupted", err=True)
        return _INTERRUPTED
    except Terminated:
        click.echo("sqsq: terminated", err=True)
        return _TERMINATED
    except click.ClickException as error:
        usage, words = io.StringIO(), error.format_message()
        error.show(usage)
        click.echo(usage.getvalue().replace(words, printable(words)), err=True, nl=False)
        return error.exit_code
    except BrokenPipeError:  # whoever read the output has seen enough; Python is not to flush it at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SqsqError as error:
        click.echo(f"sqsq: {error}", err=True)
        return error.exit_code
