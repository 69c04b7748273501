"""The examples run, and the README's code blocks do what they say."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documents import save_examples

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def load_example(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    return example


def test_scripts(capsys):
    load_example("train_usps").main(iterations=2)
    assert "single-shot test accuracy" in capsys.readouterr().out
    load_example("exact_answers").main()
    assert "exact:fake_brisbane: p(spike)" in capsys.readouterr().out


def test_a_partial_swap_recalls_and_the_others_guess():
    accuracies = load_example("temporal_memory").main()
    assert accuracies["partial-swap"] > 0.95
    # 2500 fair guesses: 0.5 +- 0.01, a false alarm below 1e-6 at 0.05
    assert accuracies["io-controlled"] == pytest.approx(0.5, abs=0.05)
    assert accuracies["memory-controlled"] == pytest.approx(0.5, abs=0.05)


def test_notebooks():
    subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--nbmake", "-q", "-p", "no:cacheprovider"),
            str(ROOT / "examples"),
            f"--ignore={ROOT / 'examples' / 'hardware_run.ipynb'}",  # test_hardware_notebook.py runs it
        ],
        check=True,
        cwd=ROOT,
    )


def test_readme_python_blocks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_examples()
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})
