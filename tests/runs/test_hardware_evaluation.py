"""A trained run on a device: the cost first, a ledger of its own, and never a job twice."""

import json

import pytest

from sqsq.errors import BudgetError, DataError, JobError
from sqsq.jobs import ChunkDone, Patience, Resources
from sqsq.runs import EVALUATIONS, estimate_evaluation, evaluate_run, train
from tests.cli.in_process import sqsq_command

ON_DEVICE = {"backend": "ibm_brisbane", "test_size": 6}
QUICK = Resources(patience=Patience(first_poll=0.05, longest_poll=0.1, grace=0.2))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "run"
    train("digits", classes=("1", "7"), backend="exact", steps=3, iterations=2, run_dir=run)
    return run


@pytest.fixture
def run(trained, tmp_path):
    """The run, without evaluations of other tests."""
    copy = tmp_path / "run"
    copy.mkdir()
    for file in trained.iterdir():
        if file.is_file():
            (copy / file.name).write_bytes(file.read_bytes())
    return copy


def directories(run):
    return sorted((run / EVALUATIONS).iterdir()) if (run / EVALUATIONS).exists() else []


def test_it_is_a_run_of_its_own_and_goes_on(run, fake_service):
    estimate = estimate_evaluation(run, **ON_DEVICE)
    assert (estimate.hardware, estimate.begun, estimate.cost.jobs) == (True, False, 1)
    assert not directories(run)
    done = []
    first = evaluate_run(run, resources=QUICK, on_event=done.append, **ON_DEVICE).summary()
    assert first["backend"] == "ibm_brisbane"
    assert first["images"] == 6
    assert sum(isinstance(event, ChunkDone) for event in done) == 1
    (folder,) = directories(run)
    assert {"config.json", "ledger.sqlite"} <= {path.name for path in folder.iterdir()}
    assert len(fake_service.jobs) == 1
    again = evaluate_run(run, repeats=2, resources=QUICK, **ON_DEVICE).summary()
    assert len(fake_service.jobs) == 2  # the first repeat is not paid twice
    assert again["accuracies"][0] == first["accuracies"][0]
    evaluate_run(run, resources=QUICK, **{**ON_DEVICE, "test_size": 4})
    assert len(directories(run)) == 2


def test_interrupted_it_fetches_what_was_sent(run, fake_service):
    class StopError(Exception):
        pass

    def stop(event):
        raise StopError

    fake_service.hold()
    with pytest.raises(StopError):
        evaluate_run(run, resources=QUICK, on_event=stop, **ON_DEVICE)
    assert len(fake_service.jobs) == 1
    fake_service.release()
    evaluate_run(run, resources=QUICK, **ON_DEVICE)
    assert len(fake_service.jobs) == 1


def test_it_stays_within_its_budget_and_can_be_cancelled(run, fake_service):
    with pytest.raises(BudgetError, match=r"needs 2\.0 QPU seconds by estimate"):
        evaluate_run(run, resources=Resources(max_qpu_seconds=1.0), **ON_DEVICE)
    assert not fake_service.jobs
    fake_service.cancel_next.append("by the user")
    with pytest.raises(JobError, match="was cancelled, and not by this run"):
        evaluate_run(run, resources=QUICK, **ON_DEVICE)
    (folder,) = directories(run)
    result = sqsq_command("cancel", folder)
    assert result.returncode == 0, result.stderr
    assert "0 jobs cancelled; the same sqsq evaluate goes on" in result.stdout
    assert evaluate_run(run, resources=QUICK, **ON_DEVICE).summary()["images"] == 6
    with pytest.raises(DataError, match="is an evaluation on a device, not a training"):
        train(run_dir=folder, resume=True)


def test_the_command_asks_before_it_spends(run, fake_service):
    asked = ["evaluate", run, "--backend", "ibm_brisbane", "--test-size", 6]
    shown = sqsq_command(*asked, "--dry-run", "--json")
    assert json.loads(shown.stdout.splitlines()[-1])["jobs"] == 1
    refused = sqsq_command(*asked)
    assert refused.returncode == 2
    assert "spending QPU time needs a yes" in refused.stderr
    assert not fake_service.jobs
    assert not directories(run)
    result = sqsq_command(*asked, "--yes", "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout.splitlines()[-1])["backend"] == "ibm_brisbane"
    assert len(fake_service.jobs) == 1


def test_circuits_are_compiled_for_a_device(run, fake_service):
    for asked in (("neuron", "--steps", 2), ("network", run)):
        result = sqsq_command("compile", *asked, "--backend", "ibm_brisbane", "--format", "qasm3")
        assert result.returncode == 0, result.stderr
        assert "OPENQASM 3" in result.stdout
        assert "on ibm_brisbane" in result.stderr
    assert not fake_service.jobs
    unknown = sqsq_command("compile", "neuron", "--backend", "ibm_nowhere")
    assert unknown.returncode == 3
    assert "this account does not offer ibm_nowhere" in unknown.stderr
