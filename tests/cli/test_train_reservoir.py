import json

import pytest

from tests.cli.in_process import sqsq_command

SMALL = ("--data", "digits", "--steps", "3", "--hidden", "8", "--m", "1", "--test-size", "20")


def test_train(tmp_path):
    result = sqsq_command("train-reservoir", *SMALL, "--run-dir", str(tmp_path / "run"), "--json")
    assert result.returncode == 0, result.stderr
    summary = json.loads(result.stdout.splitlines()[-1])
    assert summary["run_dir"] == str(tmp_path / "run")
    assert 0 <= summary["accuracy"] <= 1


def test_default_run_directory(tmp_path):
    result = sqsq_command("train-reservoir", *SMALL, cwd=tmp_path)
    assert "single-shot test accuracy" in result.stdout
    (run,) = (tmp_path / "runs").iterdir()
    assert run.name.startswith("train-reservoir-")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--backend", "bogus"], 3, "unknown backend 'bogus'"),
        (["--hidden", "0"], 2, "hidden layers 0: one or more"),
        (["--digits", "1,1"], 2, "must be different"),
        (["--data", "usps", "--data-dir", "."], 4, "no file zip.train.gz"),
    ],
)
def test_bad_input_is_one_line_and_a_code(tmp_path, arguments, code, message):
    result = sqsq_command("train-reservoir", *SMALL, *arguments, cwd=tmp_path)
    assert result.returncode == code, result.stderr
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert not list(tmp_path.iterdir())
