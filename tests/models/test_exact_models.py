"""Models trained by exact gradients."""

import pytest

import sqsq
from sqsq.errors import UsageError
from sqsq.runs import settings_with


@pytest.mark.parametrize("model", ["ideal", "lif"])
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"m": 1_000_000}, "an iteration would take 20,000,000 evaluations of a layer: at most 10,000,000"),
        ({"batch_size": 10**9}, r"1,000,000,000 evaluations .* \(lower batch-size, hidden or M\)"),
        (
            {"m": 100_000, "steps": 10_000},
            r"20,000,000,000 spikes .*hidden, M or steps\)",
        ),
    ],
)
def test_iterations_that_would_never_end(model, changes, message):
    with pytest.raises(UsageError, match=message):
        settings_with(model, changes)


@pytest.mark.parametrize("model", ["ideal", "lif"])
def test_outputs_count_too(tmp_path, model):
    with pytest.raises(UsageError, match="an iteration would take 20,000,000 evaluations of a layer"):
        sqsq.train("digits", model=model, m=100_000, run_dir=tmp_path / "run")
    assert not list(tmp_path.iterdir())
