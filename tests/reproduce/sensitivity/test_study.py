import json

import pytest

from sqsq.engines import open_engine
from sqsq.errors import DataError, UsageError
from sqsq.learning import LocalRuleSettings
from sqsq.reproduce.sensitivity import SensitivityOptions, measure_sensitivity
from sqsq.reproduce.sensitivity.measurement import measure_point
from sqsq.reproduce.sensitivity.points import Point, points_of
from sqsq.reproduce.sensitivity.states import network_state

TINY = {
    "data": "digits",
    "backend": "exact",
    "ansatze": ("partial-swap",),
    "repeats": 3,
    "training_iterations": 1,
    "batch_size": 4,
    "shifts": ("paper", "exact", "spsa"),
    "m_syn": (1,),
    "m_som": (2,),
    "m_p": (20,),
    "epsilon": (0.05,),
}


def test_a_study_and_the_same_again(tmp_path):
    shown = []
    record = measure_sensitivity(
        SensitivityOptions(**TINY), out=tmp_path, command="as typed", on_progress=lambda *p: shown.append(p)
    )
    assert json.loads((tmp_path / "sensitivity.json").read_text()) == record
    assert (tmp_path / "sensitivity-partial-swap.png").read_bytes().startswith(b"\x89PNG")
    points = record["points"]
    assert len(points) == len(shown) == 2 * (4 + 3 + 3)
    keys = ("state", "shift", "m_syn", "m_som", "m_p", "epsilon")
    assert len({tuple(point[key] for key in keys) for point in points}) == len(points)
    for point in points:
        for name in ("weights", "theta"):
            assert point[name]["norm"] > 0
            assert point[name]["variance"]["value"] > 0
    assert [state["noise"]["weights"]["relative"] for state in record["states"]] == [0.0, 0.0]

    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "runs").iterdir()}
    assert measure_sensitivity(SensitivityOptions(**TINY), out=tmp_path, command="as typed") == record
    assert kept == {path: path.stat().st_mtime_ns for path in (tmp_path / "runs").iterdir()}
    point = sorted((tmp_path / "runs").iterdir())[0]
    text = point.read_text()
    point.write_text(text.replace('"norm": ', '"norm": 1'))
    with pytest.raises(DataError, match="was edited or is damaged"):
        measure_sensitivity(SensitivityOptions(**TINY), out=tmp_path)
    point.write_text(text)
    with pytest.raises(UsageError, match="was measured with seed 0, not 1: choose another directory"):
        measure_sensitivity(SensitivityOptions(**TINY, seed=1), out=tmp_path)


def test_one_factor_at_a_time():
    points = points_of(SensitivityOptions(ansatze=("partial-swap",)))
    assert len(points) == len(set(points)) == 2 * (15 + 7 + 7 + 13)
    centre = (5, 1, 5, 0.05)
    for point in points:
        rule = (point.rule.m_syn, point.rule.m_som, point.rule.m_p, point.rule.epsilon)
        assert sum(a != b for a, b in zip(rule, centre, strict=True)) <= 1


def test_exact_shifts_show_no_bias_where_those_of_the_paper_do():
    """With partial-swap and 200 shots, where the smoothed denominator hardly matters."""
    options = SensitivityOptions(**TINY)
    engine = open_engine("exact")
    state = network_state(options, "partial-swap", "random", engine)
    exact = state.exact_gradient(engine)
    bias = {}
    for shift in ("paper", "exact"):
        point = Point("partial-swap", "random", LocalRuleSettings(m_syn=1, m_p=200, shift=shift))
        errors = measure_point(point, state, exact, engine, repeats=60, seed=0)
        _, *bias[shift] = errors["theta"].relative_bias
    assert bias["paper"][0] > 3 * bias["exact"][1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"repeats": 2}, "repeats is 2: at least 3"),
        ({"training_iterations": 0}, "training-iterations is 0"),
        ({"ansatze": ()}, "ansatze are none"),
        ({"ansatze": ("bogus",)}, "unknown ansatz 'bogus'"),
        ({"backend": "aer"}, "the backend aer knows no exact gradients"),
    ],
)
def test_bad_options(tmp_path, changes, message):
    with pytest.raises(UsageError, match=message):
        measure_sensitivity(SensitivityOptions(**{**TINY, **changes}), out=tmp_path)
    assert not list(tmp_path.iterdir())
