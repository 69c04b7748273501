"""What is printed to be pasted, pasted."""

import subprocess
from pathlib import Path

import pytest

from sqsq.shell import shell_command

NAMES = (
    "plain", "two words", "it's", 'say "no"', "$HOME", "`id`", "a\nb", "a\tb", "für", "日本", "#", "a?b",
    "%41", "&;|", "[red]x[/red]", "[/]", ":smile:", "*", "~", "\\", "!", "a" * 200, "-x", "--help",
    "file:x?mode=ro", "\udcff", "{}",
)  # fmt: skip


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("name", NAMES)
def test_a_shell_reads_back_what_was_meant(shell, name):
    line = shell_command("printf", r"%s\n", "resume", Path(name))
    done = subprocess.run(
        [shell, "-c", line.encode(errors="surrogateescape")], capture_output=True, check=True
    )
    found = done.stdout.decode(errors="surrogateescape")
    assert found.startswith("resume\n")
    assert Path(found.removeprefix("resume\n").removesuffix("\n")) == Path(name)
    assert not found.removeprefix("resume\n").startswith("-")
