"""The help of every command ends with examples, and each can be typed."""

import shlex

import click
import pytest

from sqsq.cli.main import cli
from tests.cli.in_process import sqsq_command


def leaves(group, path=()):
    """Every command that is no group, with the words that lead to it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            yield (*path, name), command


@pytest.mark.parametrize(
    ("path", "command"), list(leaves(cli)), ids=lambda each: " ".join(each) if isinstance(each, tuple) else ""
)
def test_it_ends_with_examples_that_parse(path, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = sqsq_command(*path, "--help").stdout
    assert command.examples
    for line in command.examples:
        assert f"  {line}\n" in words
        program, *rest = shlex.split(line)
        assert program == "sqsq"
        assert tuple(rest[: len(path)]) == path
        command.make_context(path[-1], rest[len(path) :])
