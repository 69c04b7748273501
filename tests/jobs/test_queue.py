"""Exactly once, through the real client, whatever the service does."""

from dataclasses import replace

import numpy as np
import pytest

from sqsq.engines import BackendChoice, Placement
from sqsq.engines.fake import fake_backend
from sqsq.errors import BackendError, BudgetError, JobError
from sqsq.fake_service import TOKEN, Fault
from sqsq.fake_service.simulation import read_program
from sqsq.jobs import Ledger, Patience, Resources, make_runner, open_backend, tell_nobody
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, Template
from tests.runs_for_tests import on_notes

QUICK = Patience(
    first_wait=0.05, longest_wait=0.2, give_up=10.0, grace=1.0, first_poll=0.05, longest_poll=0.1
)
CHOICE = BackendChoice("ibm_brisbane", placement=Placement((112, 126)))


def make_table(rows=4, key=("iteration", 0)):
    rng = np.random.default_rng(1)
    template = Template(Neuron(), 2)
    phi = rng.uniform(0, np.pi, (rows, *template.phi_shape))
    return EvaluationTable(template, phi, np.zeros((rows, *template.theta_shape)), shots=5, key=key)


@pytest.fixture
def ledger(tmp_path):
    opened = Ledger(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


def make(ledger, **options):
    return make_runner_of(open_backend(CHOICE), ledger, **options)


def make_runner_of(engine, ledger, *, job_seconds=None, on_note=None, **options):
    """A runner on an opened device."""
    resources = Resources(**{"patience": QUICK, **options})
    return make_runner(
        CHOICE,
        engine,
        resources,
        job_seconds=job_seconds,
        ledger=ledger,
        run="a run",
        tell=tell_nobody if on_note is None else on_notes(on_note),
    )


def small_jobs(ledger, **options):
    """Jobs of two rows each."""
    return make(ledger, job_seconds=0.003, **options)


def assert_sent_once(fake_service, jobs):
    assert len(fake_service.contents()) == jobs
    assert len(set(fake_service.contents())) == jobs


def test_a_table_becomes_jobs_and_comes_back(fake_service, ledger):
    table = make_table(5)
    spikes = small_jobs(ledger).run(table)
    assert spikes.shape == (5, 5, 2, 1)
    assert_sent_once(fake_service, 3)
    (session,) = fake_service.sessions.values()
    assert session["mode"] == "batch"
    assert {job["session_id"] for job in fake_service.jobs.values()} == {session["id"]}
    assert ledger.totals().chunks == {"done": 3}
    # everything is known now: nothing is sent again
    assert (small_jobs(ledger).run(table) == spikes).all()
    assert_sent_once(fake_service, 3)


def test_jobs_one_by_one_without_a_batch(fake_service, ledger):
    choice = BackendChoice("ibm_brisbane", placement=Placement((112, 126)), batch=False)
    runner = make_runner(
        choice,
        open_backend(choice),
        Resources(patience=QUICK, batch=False),
        job_seconds=None,
        ledger=ledger,
        run="",
        tell=tell_nobody,
    )
    runner.run(make_table())
    assert not fake_service.sessions
    assert [job["session_id"] for job in fake_service.jobs.values()] == [None]


@pytest.mark.matrix(keep=3)
@pytest.mark.parametrize(
    "fault",
    [
        Fault("POST", "/jobs$", times=3, status=429),
        Fault("POST", "/jobs$", times=1, status=500),
        Fault("POST", "/jobs$", times=2, drop="before"),
        Fault("POST", "/jobs$", times=1, drop="after"),
        Fault("POST", "/sessions$", times=1, drop="before"),
        Fault("GET", r"/jobs/\w+$", times=2, status=503),
        Fault("GET", r"/jobs/\w+$", times=2, drop="before"),
        Fault("GET", "/results$", times=2, drop="before"),
        Fault("GET", "/metrics$", times=1, status=429),
    ],
    ids=lambda fault: f"{fault.method} {fault.path} {fault.status or fault.drop}",
)
def test_the_network_fails_and_nothing_is_sent_twice(fake_service, ledger, fault):
    runner = small_jobs(ledger)
    fake_service.faults.append(fault)
    runner.run(make_table())
    assert fault.times == 0
    assert_sent_once(fake_service, 2)


def test_a_job_that_appears_late_is_waited_for(fake_service, ledger):
    runner = make(ledger)
    fake_service.appears_after = 0.5
    fake_service.faults.append(Fault("POST", "/jobs$", drop="after"))
    runner.run(make_table())
    assert_sent_once(fake_service, 1)


def test_a_submission_taken_twice_leaves_one_job(fake_service, ledger):
    """The service took a job whose reply was lost, and a second one under the same tag."""
    runner = make(ledger)
    fake_service.hold()
    fake_service.faults.append(Fault("POST", "/jobs$", drop="after"))
    run = fake_service.run

    def twice(job_id):
        if len(fake_service.jobs) == 1:
            fake_service.jobs["copy"] = {**fake_service.jobs[job_id], "id": "copy", "created": "9"}
        fake_service.release()
        run(job_id)

    fake_service.run = twice
    runner.run(make_table())
    assert fake_service.jobs["copy"]["status"] == "Cancelled"


def test_an_intent_without_a_job_is_looked_up_before_it_is_sent(fake_service, ledger):
    runner = make(ledger, patience=replace(QUICK, give_up=1.5))
    fake_service.faults.append(Fault("POST", "/jobs$", drop="after"))
    fake_service.faults.append(Fault("GET", "/jobs$", times=1000, drop="before"))
    with pytest.raises(BackendError, match="jobs already sent go on"):
        runner.run(make_table())
    assert ledger.totals().chunks == {"intent": 1}
    fake_service.faults.clear()
    make(ledger).run(make_table())
    assert_sent_once(fake_service, 1)


def test_an_intent_that_never_arrived_is_sent(fake_service, ledger):
    runner = make(ledger, patience=replace(QUICK, give_up=1.5))
    fake_service.faults.append(Fault("POST", "/jobs$", times=1000, drop="before"))
    with pytest.raises(BackendError, match="tried for"):
        runner.run(make_table())
    fake_service.faults.clear()
    make(ledger).run(make_table())
    assert_sent_once(fake_service, 1)


def test_failed_jobs_are_tried_again(fake_service, ledger):
    runner = small_jobs(ledger)
    fake_service.fail_next.append("Internal error")
    runner.run(make_table())
    assert len(fake_service.jobs) == 3
    totals = ledger.totals()
    assert totals.chunks == {"done": 2}
    assert "Internal error" in totals.last_reason


def test_a_chunk_that_fails_for_good_does_not_lose_the_others(fake_service, ledger):
    runner = small_jobs(ledger)
    table = make_table(6)
    fake_service.fail_next.extend(["The pulse is too long"] * 7)
    with pytest.raises(JobError, match=r"failed 3 times, last: .*The pulse is too long"):
        runner.run(table)
    done = ledger.totals().chunks.get("done", 0)
    sent = len(fake_service.jobs)
    fake_service.fail_next.clear()
    small_jobs(ledger).run(table)
    assert ledger.totals().chunks == {"done": 3}
    assert len(fake_service.jobs) == sent + 3 - done


def test_cancelled_jobs_are_sent_again(fake_service, ledger):
    runner = make(ledger)
    run = fake_service.run

    def cancel_first(job_id):
        if len(fake_service.jobs) == 1:
            fake_service.jobs[job_id] |= {"status": "Cancelled", "reason": "maintenance"}
        else:
            run(job_id)

    fake_service.run = cancel_first
    runner.run(make_table())
    assert len(fake_service.jobs) == 2
    assert ledger.totals().chunks == {"done": 1}


def test_results_that_do_not_match_are_not_believed(fake_service, ledger):
    runner = make(ledger)
    fake_service.spoil_next = 1
    runner.run(make_table())
    assert len(fake_service.jobs) == 2
    assert "as was asked for" in ledger.totals().last_reason


def test_the_budget_is_kept(fake_service, ledger):
    table = make_table(6)
    runner = small_jobs(ledger, max_qpu_seconds=4.2)  # two jobs of about 2 s, by estimate
    with pytest.raises(BudgetError, match="--max-qpu-seconds"):
        runner.run(table)
    assert_sent_once(fake_service, 2)
    assert ledger.totals().chunks == {"done": 2}  # what was sent is not lost
    assert ledger.spent() == 6.0  # the service charged 3 s each
    with pytest.raises(BudgetError, match=r"6\.0 of 8\.0 are spent"):
        small_jobs(ledger, max_qpu_seconds=8).run(table)
    small_jobs(ledger, max_qpu_seconds=9).run(table)
    assert_sent_once(fake_service, 3)


def test_a_closed_batch_is_replaced(fake_service, ledger):
    make(ledger).run(make_table(key=("iteration", 0)))
    for session in fake_service.sessions.values():
        session["accepting_jobs"] = False
    make(ledger).run(make_table(key=("iteration", 1)))
    assert len(fake_service.sessions) == 2
    assert len(fake_service.jobs) == 2


def test_an_expired_token_stops_the_run_and_is_not_told(fake_service, ledger, monkeypatch):
    runner = make(ledger)
    fake_service.faults.append(Fault("POST", "/jobs$", status=401, times=5))
    with pytest.raises(BackendError, match="refused the credentials") as failure:
        runner.run(make_table())
    assert TOKEN not in str(failure.value)
    fake_service.faults.clear()
    make(ledger).run(make_table())
    assert_sent_once(fake_service, 1)


def test_a_refused_job_gives_the_services_reason(fake_service, ledger):
    runner = make(ledger)
    fake_service.faults.append(Fault("POST", "/jobs$", status=400))
    with pytest.raises(BackendError, match=r"submitting to ibm_brisbane: .*injected"):
        runner.run(make_table())


def test_measurements_are_those_for_the_middle_of_a_circuit(fake_service, ledger):
    """Where the device has them."""
    fake_service.devices = {"ibm_boston": fake_backend("fake_boston")}
    choice = BackendChoice("ibm_boston", placement=Placement(pack=1))
    engine = open_backend(choice)
    make_runner(
        choice,
        engine,
        Resources(patience=QUICK),
        job_seconds=None,
        ledger=ledger,
        run="",
        tell=tell_nobody,
    ).run(make_table())
    (job,) = fake_service.jobs.values()
    (item,) = read_program(job["params"]).items
    counts = item.circuit.count_ops()
    assert (counts.get("measure_2"), counts.get("measure")) == (2, None)
