import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from sqsq.cli.reproduce import command
from sqsq.errors import DataError

RESULTS = Path(__file__).resolve().parents[2] / "results"
TINY = (
    *("--data", "digits", "--backend", "exact", "--ansatz", "partial-swap"),
    *("--seeds", "1", "--iterations", "1", "--test-size", "10"),
)


@pytest.mark.slow
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


def test_records_of_earlier_versions_are_drawn(tmp_path):
    shutil.copy(RESULTS / "fig2b" / "fig2b.json", tmp_path)
    drawn = CliRunner().invoke(command, ["draw", str(tmp_path / "fig2b.json")])
    assert drawn.exit_code == 0, drawn.output
    assert (tmp_path / "fig2b.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["fig2a", "fig2b", "sensitivity", "draw"])
def test_help(name):
    result = CliRunner().invoke(command, [name, "--help"])
    assert result.exit_code == 0
    assert "--out" in result.output or name == "draw"


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"figure": "fig2a"}', '{"figure": 1, "curves": 2}'])
def test_what_is_no_record_is_one_line(tmp_path, text):
    record = tmp_path / "record.json"
    record.write_text(text)
    drawn = CliRunner().invoke(command, ["draw", str(record)])
    assert isinstance(drawn.exception, DataError)
    assert str(record) in str(drawn.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["record.json"]


def test_one_seed_has_an_interval_and_the_best_of_many_has_none():
    from sqsq.cli.reproduction_display import _spread

    one, three = ({"mean": 0.95, "standard_deviation": deviation} for deviation in (None, 0.01))
    assert _spread(one, 100) == "0.9500 (0.8882 to 0.9785)"
    assert _spread(one) == "0.9500"
    assert _spread(three, 100) == "0.9500 ± 0.0100"
