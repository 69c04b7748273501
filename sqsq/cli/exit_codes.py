"""What click and sqsq raise, as a line and an exit code."""

import io

import click

from sqsq.errors import SqsqError, printable


def exit_code_of(command: click.Command, name: str) -> int:
    """Run a command line; its exit code.

    Args:
        command: The command.
        name: What it is called in its usage.

    Raises:
        KeyboardInterrupt: If it was interrupted, or a question was answered with no.
    """
    try:
        code = command.main(prog_name=name, standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Abort:  # what click makes of Ctrl-C
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        usage, words = io.StringIO(), error.format_message()
        error.show(usage)
        click.echo(usage.getvalue().replace(words, printable(words)), err=True, nl=False)
        return error.exit_code
    except SqsqError as error:
        click.echo(f"sqsq: {error}", err=True)
        return error.exit_code
