"""Hidden layers trained by the local rule on circuits: fused and layered, on Aer noise and as jobs."""

import json

import numpy as np
import pytest

from sqsq import Resources, open_run, train_usps
from sqsq.errors import BackendError, UsageError
from sqsq.jobs import Patience
from sqsq.runs import estimate_run
from tests.runs_for_tests import usps

SMALL = {
    "data": "digits",
    "steps": 2,
    "iterations": 2,
    "test_size": 6,
    "batch_size": 2,
    "m": 2,
    "m_syn": 1,
    "hidden": (2,),
}
QUICK = Patience(first_wait=0.05, longest_wait=0.2, give_up=3, grace=1, first_poll=0.05, longest_poll=0.1)


@pytest.mark.parametrize(
    "changes",
    [{"forward": "fused"}, {"forward": "layered"}, {"recurrent": True}],
    ids=["fused", "layered", "recurrent"],
)
def test_on_a_noise_model(changes):
    run = train_usps(**{**SMALL, **changes}, backend="fake_brisbane")
    assert len(run.metrics) == 2
    assert np.isfinite(run.metrics[-1].measures["loss_bound"])
    hidden = run.metrics[-1].measures["gradient_norm_weights"]
    assert hidden > 0
    # a table of hidden spikes (one, or one a layer) and one of gradients; fused evaluation is one table
    assert run.usage.tables == 2 * 2
    assert run.usage_evaluating.tables == (2 if changes == {"forward": "layered"} else 1)


def test_as_jobs_resumed(fake_service, tmp_path):
    """Through the real client: fused forward passes are jobs like all others, sent once each."""
    changes = {**SMALL, "backend": "ibm_brisbane", "recurrent": True, "pack": 2, "iterations": 1}
    resources = Resources(patience=QUICK)
    whole = train_usps(**changes, run_dir=tmp_path / "whole", resources=resources)
    jobs = len(fake_service.jobs)
    assert jobs == 3  # forward, gradient, evaluation
    again = train_usps(**changes, run_dir=tmp_path / "whole", resume=True, resources=resources)
    assert len(fake_service.jobs) == jobs
    assert np.array_equal(again.parameters.weights, whole.parameters.weights)
    assert open_run(tmp_path / "whole").status().state == "finished"


def test_the_estimate_counts_fused_tables_and_checks_limits(monkeypatch):
    settings = usps(**SMALL, backend="fake_brisbane", recurrent=True)
    estimate = estimate_run(settings)
    assert estimate.training.jobs == 2 * 2
    assert estimate.evaluating.jobs == 1
    assert json.dumps(estimate.to_json())
    # each step sends the bits of the hidden layer to the outputs, and a step later to itself
    monkeypatch.setattr("sqsq.circuits.limits.MAX_BROADCASTS", 1)
    with pytest.raises(BackendError, match=r"broadcasts of measured bits: 2 of 1: .*--forward layered"):
        estimate_run(settings)


def test_mistakes_are_one_line():
    with pytest.raises(UsageError, match=r"recurrent is for hidden layers"):
        usps(recurrent=True)
    with pytest.raises(UsageError, match=r"cannot run layer by layer: choose --forward fused"):
        usps(hidden=(2,), recurrent=True, forward="layered")
    with pytest.raises(UsageError, match=r"unknown forward 'both': choose from auto, layered, fused"):
        usps(forward="both")
    with pytest.raises(BackendError, match=r"does not fit on fake_lagos: .* layer by layer"):
        estimate_run(usps(**{**SMALL, "hidden": (3,)}, backend="fake_lagos", forward="fused"))
