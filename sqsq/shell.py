"""Command lines that are printed to be pasted."""

import os
import shlex
from pathlib import PurePath


def shell_command(*words: str | PurePath) -> str:
    """Words as a shell reads them back; a path that starts with a dash is not taken for an option."""
    return " ".join(shlex.quote(_plain(word)) for word in words)


def _plain(word: str | PurePath) -> str:
    if isinstance(word, PurePath) and os.fspath(word).startswith("-"):
        return os.path.join(os.curdir, word)
    return os.fspath(word)
