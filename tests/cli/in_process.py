"""The command as users type it, in this process: its exit code, and what it prints."""

import sys

import pytest

from sqsq.cli import main


def sqsq(capsys, *arguments):
    """Run a command line; what is no error of sqsq's own is raised, as a traceback would be.

    Returns:
        The exit code, stdout and stderr.
    """
    capsys.readouterr()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["sqsq", *map(str, arguments)])
        code = main._exit_code()
    out, error = capsys.readouterr()
    return code, out, error
