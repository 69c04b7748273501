"""The commands that documents tell a user to type."""

import ast
import json
import re
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = ("sqsq", "python", "make", "pip", "cp", ".ci/run", ".ci/minima")
"""Words that make code within a sentence a command; in a block of code every line is one."""
PLACES = (
    *("README.md", "CONTRIBUTING.md", "results/*/*.md", "results/*/*.json"),
    *("benchmarks/*.py", "examples/*"),
)
_BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
_SHELLS = ("", "sh", "bash", "console")


def save_examples():
    """A small data set of a user's own in this folder."""
    rng = np.random.default_rng(0)
    np.savez("data.npz", x=rng.random((60, 4)), y=np.repeat(["left", "right"], 30))


def documented_commands():
    """Each command once, with or without ``--json``, and the document that says it first."""
    found = {}
    for path in _documents():
        lines, words = _code(path.name, path.read_text())
        for line in [*lines, *(word for word in words if _is_command(_plain(word)))]:
            for command in filter(None, _plain(line).split(" && ")):
                found.setdefault(command.removesuffix(" --json"), path.relative_to(ROOT))
    return found


def documented_options():
    """Each option that a document names outside of a command, and the document."""
    found = {}
    for path in _documents():
        for word in _code(path.name, path.read_text())[1]:
            if word.startswith("--"):
                found.update(dict.fromkeys(re.findall(r"--[a-z][\w-]*", word), path.relative_to(ROOT)))
    return found


def _documents():
    return [path for place in PLACES for path in sorted(ROOT.glob(place)) if path.is_file()]


def _code(name, text):
    """Lines of blocks of code, and code within the text."""
    if name.endswith(".json"):
        return re.findall(r'"command": "(.*)"', text), []
    if name.endswith(".py"):
        lines = (line.strip() for line in ast.get_docstring(ast.parse(text)).splitlines())
        return [line for line in lines if line.startswith("python ")], []
    if name.endswith(".ipynb"):
        cells = json.loads(text)["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    blocks = [block.replace("\\\n", " ") for kind, block in _BLOCK.findall(text) if kind in _SHELLS]
    within = re.findall(r"`([^`]+)`", _BLOCK.sub("", text))
    return [line for block in blocks for line in block.splitlines()], [" ".join(w.split()) for w in within]


def _is_command(words):
    name, _, rest = words.partition(" ")
    return name in PROGRAMS and (rest != "" or name.startswith(".ci/"))


def _plain(line):
    """Without a comment, a redirection, folders of one machine, and brackets around options."""
    line = re.split(r"(?:^|\s+)#|\s+>", line)[0].strip().removeprefix("$ ")
    line = re.sub(r"\[(--[^]]*)\]", r"\1", line).replace("../shared/data/usps", "FOLDER")
    return re.sub(r"(^|&& )(?:\.venv/bin/)?(python|pip)3?(?= )", r"\1\2", line.removeprefix(".venv/bin/"))
