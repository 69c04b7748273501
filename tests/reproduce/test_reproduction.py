import json
from pathlib import Path

import pytest

from sqsq.errors import DataError, UsageError
from sqsq.report.figure_plots import save_accuracy_figure
from sqsq.reproduce import FIGURES, FigureOptions, reproduce_figure

ROOT = Path(__file__).resolve().parents[2]
TINY = {
    "data": "digits",
    "backend": "exact",
    "ansatze": ("memory-controlled",),
    "seeds": 2,
    "iterations": 2,
    "test_size": 10,
}
CURVES = {
    *("memory-controlled-m1-msyn2", "memory-controlled-m1-msyn5", "memory-controlled-m5-msyn2"),
    *("memory-controlled-m5-msyn5", "memory-controlled-ideal-m1", "memory-controlled-ideal-m5"),
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A figure, its directory, and what was shown while it was made."""
    directory, shown = tmp_path_factory.mktemp("fig2a"), []
    record = reproduce_figure(
        "fig2a",
        FigureOptions(**TINY),
        out=directory,
        command="as typed",
        on_progress=lambda *progress: shown.append(progress),
    )
    return record, directory, shown


def test_a_figure_and_the_same_again(finished):
    record, tmp_path, shown = finished
    assert json.loads((tmp_path / "fig2a.json").read_text()) == record
    assert (tmp_path / "fig2a.png").read_bytes().startswith(b"\x89PNG")
    assert [done for done, _, _ in shown] == list(range(1, 25))
    assert {total for _, total, _ in shown} == {24}
    assert {curve["name"] for curve in record["curves"]} == CURVES
    _check_curves(record)
    assert record["command"] == "as typed"
    assert {"python", "numpy", "qiskit", "qiskit-aer", "qiskit-ibm-runtime", "numba", "mitiq", "sqsq"} <= set(
        record["versions"][0]
    )
    assert record["paper"]["statements"][0]["accuracy"] == 0.95
    assert not record["surrogate"]["available"]
    assert str(tmp_path) not in (tmp_path / "fig2a.json").read_text()

    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "runs").rglob("*") if path.is_file()}
    again = []
    assert (
        reproduce_figure(
            "fig2a",
            FigureOptions(**TINY),
            out=tmp_path,
            command="as typed",
            on_progress=lambda *p: again.append(p),
        )
        == record
    )
    assert not again
    assert files == {p: p.stat().st_mtime_ns for p in (tmp_path / "runs").rglob("*") if p.is_file()}

    for changes, message in (
        ({"iterations": 3}, "holds another configuration"),
        ({"ansatze": ("partial-swap",)}, "holds another configuration"),
        ({"seeds": 1}, "holds more than 1 seeds"),
    ):
        with pytest.raises(UsageError, match=message):
            reproduce_figure("fig2a", FigureOptions(**{**TINY, **changes}), out=tmp_path)
    assert json.loads((tmp_path / "fig2a.json").read_text()) == record

    (tmp_path / "fig2a.png").unlink()
    save_accuracy_figure(json.loads((tmp_path / "fig2a.json").read_text()), tmp_path / "fig2a.png")
    assert (tmp_path / "fig2a.png").read_bytes().startswith(b"\x89PNG")


def _check_curves(record):
    for curve in record["curves"]:
        assert curve["seeds"] == [0, 1]
        assert curve["iterations"] == [1, 2]
        first, second = curve["accuracies"]
        assert curve["mean"] == pytest.approx([(a + b) / 2 for a, b in zip(first, second, strict=True)])
        assert curve["standard_deviation"] == pytest.approx(
            [abs(a - b) / 2**0.5 for a, b in zip(first, second, strict=True)]
        )
        assert curve["last"]["mean"] == pytest.approx((first[-1] + second[-1]) / 2)
        assert curve["best_of_each_seed"]["mean"] == pytest.approx((max(first) + max(second)) / 2)
        settings = curve["settings"]
        assert settings["backend"]["name"] == "exact"
        assert "data_dir" not in settings["data"]
        assert settings["model"] == ("ideal" if curve["ideal"] else "local")
        if not curve["ideal"]:
            rule = settings["trainer"]["rule"]
            assert (rule["m_som"], rule["m_p"], rule["shift"]) == (1, 5, "paper")


def test_a_record_of_an_earlier_version_is_drawn(tmp_path):
    """Its settings have one level."""
    record = json.loads((ROOT / "results" / "fig2a" / "fig2a.json").read_text())
    save_accuracy_figure(record, tmp_path / "fig2a.png")
    assert (tmp_path / "fig2a.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_an_interrupted_figure_goes_on(finished, tmp_path):
    options = FigureOptions(**{**TINY, "seeds": 1})

    def interrupt(done, total, words):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reproduce_figure("fig2a", options, out=tmp_path / "stopped", on_progress=interrupt)
    assert not (tmp_path / "stopped" / "fig2a.json").exists()
    with pytest.raises(UsageError, match="holds a run with iterations 2, not 4"):
        reproduce_figure(
            "fig2a", FigureOptions(**{**TINY, "seeds": 1, "iterations": 4}), out=tmp_path / "stopped"
        )
    done = []
    resumed = reproduce_figure(
        "fig2a", options, out=tmp_path / "stopped", on_progress=lambda *p: done.append(p[0])
    )
    assert done[0] == 3  # the first run was finished, the second stands after its first iteration
    for curve, whole in zip(resumed["curves"], finished[0]["curves"], strict=True):
        assert curve["accuracies"] == whole["accuracies"][:1]
        assert curve["standard_deviation"] is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seeds": 0}, "seeds is 0: at least 1"),
        ({"ansatze": ()}, "ansatze are none"),
        ({"ansatze": ("bogus",)}, "unknown ansatz 'bogus'"),
        ({"backend": "ibm_brisbane"}, "ibm_brisbane is hardware: figures are reproduced on simulators"),
    ],
)
def test_bad_options(changes, message):
    with pytest.raises(UsageError, match=message):
        FigureOptions(**{**TINY, **changes})


def test_unknown_figures_and_unreadable_records(tmp_path):
    with pytest.raises(UsageError, match="unknown figure 'fig9': choose from fig2a, fig2b"):
        reproduce_figure("fig9", out=tmp_path)
    (tmp_path / "fig2a.json").write_text("{")
    with pytest.raises(DataError, match="cannot be read"):
        reproduce_figure("fig2a", FigureOptions(**TINY), out=tmp_path)


def test_what_the_paper_varies():
    assert FIGURES["fig2b"].configurations == ((1, 1), (1, 2), (5, 5))
    assert FIGURES["fig2b"].changes == {"zne": True}
    assert not FIGURES["fig2a"].changes
