"""A picture is whole, absent, or one line; it never fails a run."""

import subprocess
import sys

import pytest

from sqsq import train_usps
from sqsq.errors import UsageError
from sqsq.report import save_training_figure
from sqsq.report.pictures import picture
from sqsq.runs import open_run
from sqsq.training import IterationMetrics
from tests.runs_for_tests import on_notes

SMALL = {"data": "digits", "steps": 2, "iterations": 2, "test_size": 6, "batch_size": 2, "m_syn": 1}
LINE = IterationMetrics(1, 10, 50, 0.1, {"loss_bound": 2.0}, 0.5, 6, 1, 0.7, (0.3, 0.4))


def test_a_picture_is_whole_or_absent(tmp_path):
    save_training_figure([LINE], "title", tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(UsageError, match=r"b\.png cannot be drawn: division by zero"):
        draw_badly(tmp_path / "b.png")
    with pytest.raises(UsageError, match=r"c\.png cannot be written: No such file or directory"):
        save_training_figure([LINE], "title", tmp_path / "nowhere" / "c.png")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def draw_badly(path):
    with picture(path, (1, 1)):
        raise ZeroDivisionError("division\nby zero")


def test_a_picture_never_fails_a_run(tmp_path, monkeypatch):
    notes = []
    with monkeypatch.context() as patch:
        patch.setattr("matplotlib.figure.Figure.savefig", lambda *arguments, **options: 1 // 0)
        run = train_usps(run_dir=tmp_path / "run", backend="exact", on_event=on_notes(notes.append), **SMALL)
    assert run.metrics[-1].iteration == 2
    assert len(notes) == 1
    assert "training.png cannot be drawn: integer division or modulo by zero" in notes[0]
    assert open_run(tmp_path / "run").status().state == "finished"
    assert not (tmp_path / "run" / "training.png").exists()
    open_run(tmp_path / "run").resume()
    assert (tmp_path / "run" / "training.png").exists()


@pytest.mark.slow
def test_a_backend_that_matplotlib_does_not_know(tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "bogus")
    flat = [part for name, value in SMALL.items() for part in (f"--{name.replace('_', '-')}", str(value))]
    code, _, error = run("train-usps", *flat, "--backend", "exact", "--run-dir", tmp_path / "run")
    assert code == 0, error
    assert "training.png cannot be drawn: Key backend: 'bogus' is not a valid value" in " ".join(
        error.split()
    )
    assert open_run(tmp_path / "run").status().state == "finished"
    code, _, error = run("inspect", "io-controlled", "--steps", "2", "--draws", "1", "-o", tmp_path / "x.png")
    assert code == 2
    assert "Traceback" not in error
    assert error.splitlines()[-1].startswith(f"sqsq: {tmp_path / 'x.png'} cannot be drawn")


def run(*arguments):
    found = subprocess.run(
        [sys.executable, "-m", "sqsq", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    return found.returncode, found.stdout, found.stderr
