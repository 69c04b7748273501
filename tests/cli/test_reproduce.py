import json

import pytest
from click.testing import CliRunner

from sqsq.cli.reproduce import command

TINY = (
    *("--data", "digits", "--backend", "exact", "--ansatz", "partial-swap"),
    *("--seeds", "1", "--iterations", "1", "--test-size", "10"),
)


def test_a_figure_is_made_and_drawn_again(tmp_path, monkeypatch):
    arguments = ["fig2a", *TINY, "--out", str(tmp_path), "--json"]
    monkeypatch.setattr("sys.argv", ["/somewhere/bin/sqsq", "reproduce", *arguments])
    made = CliRunner().invoke(command, arguments)
    assert made.exit_code == 0, made.output
    record = json.loads(made.stdout.splitlines()[-1])
    assert record["command"].startswith("sqsq reproduce fig2a --data digits --backend exact")
    assert "after the last" in made.stderr
    picture = tmp_path / "fig2a.png"
    picture.unlink()
    assert CliRunner().invoke(command, ["draw", str(tmp_path / "fig2a.json")]).exit_code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["fig2a", "fig2b", "sensitivity", "draw"])
def test_help(name):
    result = CliRunner().invoke(command, [name, "--help"])
    assert result.exit_code == 0
    assert "--out" in result.output or name == "draw"
