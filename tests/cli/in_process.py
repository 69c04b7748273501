"""The command in this process: quick, and whatever it does not turn into an exit code is raised."""

import contextlib
import io
import os
import subprocess
import sys
from dataclasses import dataclass
from unittest import mock

from sqsq.cli import main, process


@dataclass(frozen=True)
class Said:
    """What a command left.

    Attributes:
        code: Its exit code.
        out: What it wrote to stdout, bytes.
        err: What it wrote to stderr, text.
    """

    code: int
    out: bytes
    err: str


def run_command(*arguments, encoding="utf-8"):
    """Run ``sqsq`` with some arguments, and with streams of some encoding."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True) for _ in range(2)]
    with (
        mock.patch.object(sys, "argv", ["sqsq", *map(str, arguments)]),
        mock.patch.object(sys, "stdout", streams[0]),
        mock.patch.object(sys, "stderr", streams[1]),
        mock.patch.object(process, "raise_on_interrupts", return_value=None),  # pytest's own handlers stay
    ):
        try:
            main.main()
        except SystemExit as end:
            code = end.code
    out, err = (stream.buffer.getvalue() for stream in streams)
    return Said(code, out, err.decode(encoding))


def sqsq_command(*arguments, cwd=None, env=None):
    """Run ``sqsq`` as ``subprocess.run`` would, in this process."""
    folder = contextlib.nullcontext() if cwd is None else contextlib.chdir(cwd)
    with folder, mock.patch.dict(os.environ, env or {}):
        said = run_command(*arguments)
    return subprocess.CompletedProcess(arguments, said.code, said.out.decode(), said.err)
