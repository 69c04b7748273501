"""Every command in the documents works: it is run as it stands there, at the smallest size there is."""

import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner

from sqsq import train_usps
from sqsq.cli.main import cli
from sqsq.engines.ibm.credentials import find_credentials
from tests.documents import ROOT, documented_commands, documented_options, save_examples
from tests.runs_for_tests import on_iterations

FIGURE = "--iterations 1 --seeds 1 --test-size 4 --ansatz partial-swap --backend exact:fake_lagos"
EXACT = "--iterations 1 --steps 2 --batch-size 2 --test-size 4 --m 2"
SHOTS = f"{EXACT} --m-syn 1 --m-p 20"
TRAIN = {
    "local": SHOTS,
    "ideal": EXACT,
    "lif": EXACT,
    "reservoir": "--steps 2 --hidden 2 --m 1 --test-size 4",
}
"""What makes a training of each model small."""
SQSQ = {
    "train": SHOTS,
    "predict": "",
    "train-usps": SHOTS,
    "evaluate": "--test-size 4 --repeats 2",
    "status": "",
    "resume": "",
    "cancel": "",
    "inspect": "--steps 2 --draws 2",
    "backends": "",
    "data list": "",
    "compile neuron": "",
    "compile network": "",
    "reproduce fig2a": FIGURE,
    "reproduce fig2b": FIGURE,
    "reproduce sensitivity": "--repeats 3 --training-iterations 1 --batch-size 2 --ansatz partial-swap",
}
"""What makes each command small. One that is not here fails: say what makes it small."""
BENCHMARKS = {
    "engines": "--rows 1 --steps 2 --repeats 1 --rounds 1 --contenders 'numpy draws'",
    "fused": "--width 2 --steps 2",
    "memory": "--hidden 2 --batch-size 2 --examples 10",
    "mitigation": "--neurons 1 --steps 2 --shots 5,20 --repeats 1",
    "neuron_size": "--rows 2 --steps 2 --repeats 1",
    "orchestrator": "--iterations 1 --rows 4",
    "shift_rules": "--backend exact --seeds 1 --budgets 1 --rules spsa",
    "streaming": "--evaluations 10",
    "temporal": "--seeds 1 --iterations 1 --sequences 10",
}
IN_A_PROCESS = "temporal"
"""The benchmark that is started as a user starts it; the others run here, with its search path."""
CHOICES = {"BACKEND": "exact", "SEED": "1", "RUN_DIR": "run", "DATASET": "digits", "NAME": "lif"}
"""What stands for a user's own choice in the documents, and what is chosen here."""
COMMANDS = documented_commands()


def stop(metrics):
    """End a run half way."""
    raise InterruptedError


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run that has ended, and one that was stopped half way."""
    ended, stopped = (tmp_path_factory.mktemp("runs") / name for name in ("ended", "stopped"))
    settings = {"data": "digits", "backend": "exact:fake_brisbane", "steps": 2, "batch_size": 2}
    train_usps(run_dir=ended, iterations=1, test_size=4, **settings)
    with pytest.raises(InterruptedError):
        train_usps(run_dir=stopped, iterations=2, test_size=4, on_event=on_iterations(stop), **settings)
    return {"ended": ended, "stopped": stopped}


def fill_in(words, request):
    """The words with what stands for a user's own choice filled in."""
    filled = []
    for word in words:
        if word == "FOLDER":
            word = str(request.getfixturevalue("usps_dir"))
        elif word == "data.npz":
            save_examples()
        elif word == "examples.npy":
            np.save(word, np.zeros((2, 64)))
        filled.append(CHOICES.get(word, word))
    return filled


def name_of(words):
    """The subcommand, of one word or two."""
    known = [name for name in (" ".join(words[:2]), *words[:1]) if name in SQSQ]
    if not known:
        pytest.fail(f"nothing says what makes sqsq {' '.join(words)} small")
    return known[0]


def model_of(words):
    """The model that a command trains."""
    name = words[words.index("--model") + 1] if "--model" in words else "local"
    return CHOICES.get(name, name)


def run_sqsq(words, request, monkeypatch):
    name = name_of(words)
    small = shlex.split(TRAIN[model_of(words)] if name == "train" else SQSQ[name])
    if any(word.startswith("ibm_") for word in words):
        request.getfixturevalue("fake_service")
        small += ["--yes", *(("--pack", "2") if name.startswith("train") else ())]
    if name.startswith(("train-", "reproduce")) and not {"--data-dir", "--data"} & set(words):
        small += ["--data", "digits"]
    if "usps" in words and "--data-dir" not in words:
        small += ["--data-dir", str(request.getfixturevalue("usps_dir"))]
    if "--shots" in words:
        small += ["--shots", "20"]
    if words == ["inspect"]:
        words = ["inspect", "partial-swap"]
    if "RUN_DIR" in words and not name.startswith("train"):
        found = request.getfixturevalue("runs")
        shutil.copytree(found["stopped" if name == "resume" else "ended"], "run")
    result = CliRunner().invoke(cli, [*fill_in(words, request), *small])
    assert result.exit_code == 0, f"{result.output}\n{result.exception!r}"


def run_python(words, request, monkeypatch):
    if words[:2] == ["-m", "sqsq.fake_service"]:
        rehearse(words[1:])
    elif words[0] == "-m":
        assert find_spec(words[1])
    elif words[0].startswith("examples/"):
        assert (ROOT / words[0]).is_file()  # test_examples.py runs it
    else:
        benchmark(words, request, monkeypatch)


def rehearse(words):
    """Start the rehearsal and end it."""
    command = [sys.executable, "-m", *words, "--port", "0", "--device", "fake_lagos"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        first = process.stdout.readline()
        process.terminate()
    assert first.startswith("export QISKIT_IBM_")


def benchmark(words, request, monkeypatch):
    folder, _, file = words[0].partition("/")
    name = file.removesuffix(".py")
    if folder != "benchmarks" or name not in BENCHMARKS:
        pytest.fail(f"nothing says what makes {words[0]} small")
    arguments = [str(ROOT / words[0]), *fill_in(words[1:], request), *shlex.split(BENCHMARKS[name])]
    if name == IN_A_PROCESS:
        subprocess.run([sys.executable, *arguments], check=True)
        return
    monkeypatch.setattr(os, "sched_setaffinity", lambda process, cores: None)
    monkeypatch.setattr(sys, "argv", arguments)
    monkeypatch.syspath_prepend(ROOT / folder)
    runpy.run_path(arguments[0], run_name="__main__")


def run_make(words, request, monkeypatch):
    subprocess.run(["make", "--dry-run", *words], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def run_pip(words, request, monkeypatch):
    assert words[0] == "install"
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for word in words[1:]:
        assert word[0] == "."
        assert set(word[1:].strip("[]").split(",")) <= {"", *extras}


def run_cp(words, request, monkeypatch):
    assert (ROOT / words[0]).is_file()


def run_chmod(words, request, monkeypatch):
    mode, file = words
    Path(file).write_text("QISKIT_IBM_TOKEN=a-key\n")
    Path(file).chmod(int(mode, 8))
    monkeypatch.setenv("HOME", str(Path.cwd()))
    monkeypatch.delenv("QISKIT_IBM_TOKEN", raising=False)
    assert find_credentials().token == "a-key"


PROGRAMS = {
    **{"sqsq": run_sqsq, "python": run_python, "make": run_make, "pip": run_pip},
    **{"cp": run_cp, "chmod": run_chmod},
}


def run(command, request, monkeypatch):
    program, *words = shlex.split(command)
    if program.startswith(".ci/"):
        assert os.access(ROOT / program, os.X_OK)
        return
    if program not in PROGRAMS:
        pytest.fail(f"nothing says how to check {command}")
    PROGRAMS[program](words, request, monkeypatch)


def one_of_each_kind():
    """All commands; of those of one benchmark and those that reproduce the first alone is not slow."""
    seen = set()
    for command in COMMANDS:
        kind = " ".join(command.split()[:2])
        again = kind in seen and kind.startswith(("python benchmarks", "sqsq reproduce"))
        seen.add(kind)
        yield pytest.param(command, marks=[pytest.mark.slow] if again else [])


@pytest.mark.parametrize("command", one_of_each_kind())
def test_it_runs(command, request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(command, request, monkeypatch)


@pytest.mark.parametrize(
    "command",
    ["sqsq bogus", "sqsq data bogus", "python benchmarks/bogus.py", "python bogus.py", "docker run sqsq"],
)
def test_a_command_of_a_new_kind_fails(command, request, monkeypatch):
    with pytest.raises(pytest.fail.Exception, match="nothing says"):
        run(command, request, monkeypatch)


def test_every_benchmark_is_run():
    said = {command.split()[1] for command in COMMANDS if command.startswith("python benchmarks/")}
    assert said == {f"benchmarks/{path.name}" for path in (ROOT / "benchmarks").glob("*.py")}


@pytest.mark.slow
def test_every_contender_of_the_engines_runs(monkeypatch):
    """The benchmark itself runs each in a process of its own, which takes long."""
    monkeypatch.setattr(os, "sched_setaffinity", lambda process, cores: None)
    engines = runpy.run_path(str(ROOT / "benchmarks" / "engines.py"))
    small = engines["argparse"].Namespace(rows=1, shots=5, steps=2, repeats=1)
    for name in engines["CONTENDERS"]:
        if find_spec(engines["NEEDS"].get(name, "sqsq")):
            assert engines["measure"](name, small) > 0


def all_options(command):
    for parameter in command.get_params(click.Context(command)):
        yield from (*parameter.opts, *parameter.secondary_opts)
    if isinstance(command, click.Group):
        for name in command.list_commands(None):
            yield from all_options(command.get_command(None, name))


def test_options_that_are_named_exist():
    known = set(all_options(cli))
    for path in (ROOT / "benchmarks").glob("*.py"):
        known.update(re.findall(r'add_argument\("(--[\w-]+)"', path.read_text()))
    unknown = {option: str(path) for option, path in documented_options().items() if option not in known}
    assert not unknown
