"""What a service may say or do, and that nothing is bought twice nor lost for it, through the real client."""

import json
import shutil
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from sqsq.engines import BackendChoice, Placement, open_hardware
from sqsq.engines.fake import fake_backend
from sqsq.engines.ibm import HardwareEngine, open_service
from sqsq.errors import BackendError, BudgetError, JobError
from sqsq.fake_service import FakeService, Fault
from sqsq.fake_service.faults import PAGE
from sqsq.jobs import Ledger, Patience, cancel_jobs, restore_choices
from tests.jobs.test_queue import QUICK, assert_sent_once, make_runner_of, make_table

NAME, PAIR = "ibm_perth", Placement((1, 3))
"""A small device is quickly opened."""


@pytest.fixture(scope="module")
def account():
    """A service and its client, logged in once."""
    with (
        FakeService({NAME: fake_backend("fake_perth")}) as service,
        pytest.MonkeyPatch.context() as environment,
    ):
        for name, value in service.environment().items():
            environment.setenv(name, value)
        yield service, open_service()


@pytest.fixture
def fake_service(account, monkeypatch):
    """The service, as if it had just begun."""
    service, _ = account
    for name, value in service.environment().items():
        monkeypatch.setenv(name, value)
    fresh = FakeService({NAME: fake_backend("fake_perth")})
    lasting = ("lock", "port", "_server", "_released", "run")
    vars(service).pop("run", None)
    vars(service).update({name: value for name, value in vars(fresh).items() if name not in lasting})
    yield service
    service.release()


@pytest.fixture
def make(account):
    """Makes runners; each has an engine of its own on the one account."""
    _, client = account

    def made(ledger, *, placement=PAIR, engine=None, **options):
        engine = engine or HardwareEngine(client, NAME, placement)
        return make_runner_of(engine, ledger, **options)

    return made


@pytest.fixture
def small_jobs(make):
    """The same, with jobs of two rows each."""
    return lambda ledger, **options: make(ledger, job_seconds=0.003, **options)


@pytest.fixture
def ledger(tmp_path):
    opened = Ledger(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


def reopened(ledger, tmp_path):
    """The same ledger in a process that starts anew."""
    ledger.close()
    return Ledger(tmp_path / "ledger.sqlite")


UNREADABLE = {
    "a page": PAGE,
    "nothing": "",
    "an empty object": "{}",
    "null": "null",
    "a list": "[]",
    "a number": "7",
    "a word": '"done"',
    "cut short": '{"data": [{"results": {"spi',
    "not text": "\x00\x01",
    "deep": "[" * 5000,
    "another schema": '{"schema_version": "v9.9", "data": []}',
    "an error with status 200": '{"error": {"code": 1, "message": "no"}}',
}


@pytest.mark.matrix(keep=4)
@pytest.mark.parametrize("reply", UNREADABLE.values(), ids=UNREADABLE)
def test_a_result_that_cannot_be_read_is_fetched_again(fake_service, ledger, reply, make):
    runner = make(ledger)
    fault = Fault("GET", "/results$", times=3, reply=reply)
    fake_service.faults.append(fault)
    spikes = runner.run(make_table())
    assert fault.times == 0
    assert spikes.shape == (4, 5, 2, 1)
    assert_sent_once(fake_service, 1)


def test_a_result_that_is_never_readable_is_not_lost(fake_service, ledger, make):
    brief = Patience(first_wait=0.05, longest_wait=0.1, give_up=0.5, grace=0.2, first_poll=0.05)
    fake_service.faults.append(Fault("GET", "/results$", times=10_000, reply=PAGE))
    with pytest.raises(BackendError, match=r"reply cannot be read .*resuming fetches them"):
        make(ledger, patience=brief).run(make_table())
    fake_service.faults.clear()
    make(ledger).run(make_table())
    assert_sent_once(fake_service, 1)


@pytest.mark.matrix(keep=3)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/configuration$"),
        ("GET", "/properties$"),
        ("GET", r"/jobs/\w+$"),
        ("GET", "/metrics$"),
        ("GET", "/jobs$"),
        ("GET", "/sessions/"),
        ("GET", "/status$"),
        ("GET", "/usage$"),
        ("POST", "/sessions$"),
    ],
)
def test_odd_replies_are_asked_for_again(fake_service, ledger, method, path, make):
    runner = make(ledger)
    odd = (PAGE, "{}", "[]", '{"state": {"status": 3}, "jobs": 1, "usage": []}')
    for k, reply in enumerate(odd):
        fake_service.faults = [
            Fault(method, path, times=2, reply=reply),
            Fault("POST", "/jobs$", drop="after"),  # so that jobs are listed too
        ]
        runner.run(make_table(key=("iteration", k)))
    assert len(fake_service.jobs) == len(odd)


@pytest.mark.matrix(keep=3)
@pytest.mark.parametrize("carried_out", [False, True])
@pytest.mark.parametrize("reply", [PAGE, "{}", '{"id": null, "backend": "ibm_perth"}', "3"])
def test_an_odd_reply_to_a_submission_buys_nothing_twice(fake_service, ledger, reply, carried_out, make):
    runner = make(ledger)
    fake_service.faults.append(Fault("POST", "/jobs$", reply=reply, carried_out=carried_out))
    runner.run(make_table())
    assert_sent_once(fake_service, 1)


def test_a_wrong_result_is_read_twice_before_it_is_bought_again(fake_service, ledger, make):
    runner = make(ledger)
    fake_service.spoil_next = 1
    runner.run(make_table())
    results = [path for method, path in fake_service.log if path.endswith("/results")]
    assert len(fake_service.jobs) == 2
    assert len(results) == 3


def test_a_state_that_is_not_known_is_no_reason_to_wait_for_ever(fake_service, ledger, make):
    brief = Patience(first_wait=0.05, longest_wait=0.1, give_up=0.4, grace=0.2, first_poll=0.05)
    run = fake_service.run

    def stuck(job_id):
        run(job_id)
        fake_service.jobs[job_id]["status"] = "Teleported"

    fake_service.run = stuck
    with pytest.raises(BackendError, match="it is 'TELEPORTED', which sqsq does not know"):
        make(ledger, patience=brief).run(make_table())
    assert len(fake_service.jobs) == 1


# money


def test_a_charge_that_comes_late_counts_before_more_is_sent(fake_service, ledger, small_jobs):
    """Each job is charged 8 s where 2 were estimated; the service says so one question late."""
    fake_service.seconds_charged, fake_service.charges_later = 8.0, 1
    runner = small_jobs(ledger, max_qpu_seconds=5.0, max_pending=1)
    with pytest.raises(BudgetError, match=r"8\.0 of 5\.0 are spent"):
        runner.run(make_table(6))
    assert len(fake_service.jobs) == 1
    fake_service.charges_later = 3
    with pytest.raises(BudgetError, match=r"24\.0 of 20\.0 are spent|16\.0 of 20\.0 are spent"):
        small_jobs(ledger, max_qpu_seconds=20.0, max_pending=1).run(make_table(8))
    assert fake_service.seconds_charged * len(fake_service.jobs) <= 20.0 + fake_service.seconds_charged


def test_the_estimate_counts_while_a_charge_is_not_known(fake_service, ledger, small_jobs):
    told = []
    fake_service.charges_later = 10_000
    brief = Patience(first_wait=0.05, grace=0.5, charges=0.3, first_poll=0.05, longest_poll=0.1)
    runner = small_jobs(ledger, max_qpu_seconds=7.0, max_pending=1, patience=brief, on_note=told.append)
    with pytest.raises(BudgetError):
        runner.run(make_table(10))
    assert len(fake_service.jobs) == 3  # three times 2 s by estimate
    assert told == ["the service does not say yet what some jobs were charged: their estimates count"]


def test_failed_and_cancelled_jobs_are_charged_too(fake_service, ledger, make):
    fake_service.seconds_failed = 4.0
    fake_service.fail_next.append("Internal error")
    fake_service.cancel_next.append("maintenance")
    with pytest.raises(BudgetError, match=r"8\.0 of 9\.0 are spent"):
        make(ledger, max_qpu_seconds=9.0).run(make_table())
    assert ledger.spent() == 8.0


# what passes by itself


@pytest.mark.parametrize("status", [400, 403, 409, 429])
def test_a_service_that_takes_no_more_jobs_is_waited_for(fake_service, ledger, status, small_jobs):
    fake_service.most_pending, fake_service.refusal = 1, status
    spikes = small_jobs(ledger).run(make_table(6))
    assert len(spikes) == 6
    assert_sent_once(fake_service, 3)


def test_other_jobs_of_the_account_take_the_room(fake_service, ledger, make):
    fake_service.most_pending = 0
    threading.Timer(1.0, lambda: setattr(fake_service, "most_pending", 3)).start()
    make(ledger, patience=Patience(first_wait=0.05, give_up=0.2, first_poll=0.05)).run(make_table())
    assert_sent_once(fake_service, 1)


def test_a_batch_that_closes_between_check_and_submission_is_replaced(fake_service, ledger, make):
    fake_service.close_batches = 2
    make(ledger).run(make_table())
    assert len(fake_service.sessions) == 3
    assert_sent_once(fake_service, 1)


def test_no_more_jobs_are_out_than_the_plan_allows(fake_service, ledger, small_jobs):
    """The service plays the Open Plan: three."""
    fake_service.hold()
    most = []

    def watch():
        for _ in range(20):
            time.sleep(0.1)
            most.append(fake_service.pending())
        fake_service.release()

    threading.Thread(target=watch).start()
    small_jobs(ledger).run(make_table(12))
    assert max(most) == 3
    assert_sent_once(fake_service, 6)


def test_results_are_fetched_while_more_wait_to_be_sent(fake_service, ledger, small_jobs):
    small_jobs(ledger, max_pending=1).run(make_table(6))
    happened = [
        "sent" if method == "POST" else "fetched"
        for method, path in fake_service.log
        if (method, path[-5:]) == ("POST", "/jobs") or path.endswith("/results")
    ]
    assert happened == ["sent", "fetched"] * 3


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        ("Job ran longer than maximum execution time", "--job-seconds"),
        ("Error code 1305; ran too long", "--job-seconds"),
        ("Job input size is too large", "--job-seconds"),
    ],
)
@pytest.mark.parametrize("ending", ["fail_next", "cancel_next"])
def test_what_cannot_succeed_is_not_sent_again(fake_service, ledger, reason, remedy, ending, make):
    getattr(fake_service, ending).append(reason)
    with pytest.raises(JobError, match=f"unchanged it would fail again: .*{remedy}"):
        make(ledger).run(make_table())
    assert len(fake_service.jobs) == 1


@pytest.mark.parametrize("reason", [None, "cancelled by the user", "Cancelled by user request"])
def test_a_job_that_somebody_cancelled_is_asked_about(fake_service, ledger, reason, make):
    fake_service.cancel_next.append(reason)
    with pytest.raises(JobError, match=r"was cancelled, and not by this run .*sqsq resume sends it again"):
        make(ledger).run(make_table())
    assert len(fake_service.jobs) == 1
    make(ledger).run(make_table())
    assert len(fake_service.jobs) == 2


@pytest.mark.parametrize("reply", ["{}", pytest.param(PAGE, marks=pytest.mark.soak)])
def test_any_one_request_of_a_resumed_run_may_go_wrong(fake_service, ledger, tmp_path, make, kept, reply):
    make(ledger).run(make_table())
    jobs, reached = 1, True
    while reached:
        ledger = reopened(ledger, tmp_path)
        runner = kept(ledger, patience=replace(QUICK, grace=0.1))
        fake_service.faults[:] = [Fault(reply=reply, skip=jobs - 1)]
        table = make_table(key=("iteration", jobs))
        runner.prepare(table.template)
        assert len(runner.run(table)) == 4
        reached = not fake_service.faults[0].times
        jobs += 1
    assert jobs > 10  # the device, the batch, the job and its result
    assert len(fake_service.jobs) == jobs


# what the ledger does not know


def test_a_ledger_without_its_last_entries_buys_nothing_again(fake_service, ledger, tmp_path, small_jobs):
    shutil.copy(tmp_path / "ledger.sqlite", tmp_path / "backup")  # without what its -wal holds
    small_jobs(ledger).run(make_table(6))
    ledger.close()
    shutil.copy(tmp_path / "backup", tmp_path / "ledger.sqlite")
    told = []
    again = Ledger(tmp_path / "ledger.sqlite")
    spikes = small_jobs(again, on_note=told.append).run(make_table(6))
    assert len(spikes) == 6
    assert_sent_once(fake_service, 3)
    assert len(told) == 3
    assert "was sent before, unknown to the ledger: taken up" in told[0]


def test_a_look_up_costs_one_request(fake_service, ledger, tmp_path, make):
    make(ledger).run(make_table(key=("iteration", 0)))
    again = reopened(ledger, tmp_path)
    runner = make(again)
    fake_service.log.clear()
    runner.run(make_table(key=("iteration", 1)))
    assert sum(method == "GET" and path.endswith("/jobs") for method, path in fake_service.log) == 1


def test_a_copied_ledger_is_noticed(ledger, tmp_path):
    assert ledger.copied_from() is None
    ledger.close()
    (tmp_path / "moved").mkdir()
    shutil.move(tmp_path / "ledger.sqlite", tmp_path / "moved" / "ledger.sqlite")
    moved = Ledger(tmp_path / "moved" / "ledger.sqlite")
    assert moved.copied_from() is None
    moved.close()
    (tmp_path / "copy").mkdir()
    shutil.copy(tmp_path / "moved" / "ledger.sqlite", tmp_path / "copy" / "ledger.sqlite")
    copied = Ledger(tmp_path / "copy" / "ledger.sqlite")
    assert copied.copied_from() == str(tmp_path / "moved")
    assert copied.copied_from() is None  # it is told once
    copied.close()


def test_jobs_that_nothing_claims_are_told(fake_service, ledger, tmp_path, make):
    make(ledger).run(make_table(key=("iteration", 0)))
    fake_service.hold()
    runner = make(ledger)
    stranger = make_table(key=("iteration", 1))
    chunk = next(runner._chunks(stranger))
    attempt = ledger.begin(chunk, runner._engine.cost(stranger.template, 4, 5))
    job_id = runner._engine.submit(stranger, attempt.tag, runner._executor._run_tag)
    ledger.submitted(attempt.tag, job_id)
    unknown = runner._engine.submit(stranger, "sqsq-unknown-1", runner._executor._run_tag)
    fake_service.release()
    told = []
    make(reopened(ledger, tmp_path), on_note=told.append).finish()
    assert any(job_id in words and "no chunk of the run claims it" in words for words in told)
    assert any(unknown in words and "which does not know it" in words for words in told)


# cancelling


def test_a_stranger_s_job_is_neither_adopted_nor_cancelled(fake_service, ledger, make):
    """The service lists all jobs, whatever tags are asked for."""
    make(ledger).run(make_table(key=("iteration", 0)))
    (first,) = fake_service.jobs
    fake_service.ignores_tags = True
    fake_service.faults.append(Fault("POST", "/jobs$", drop="before"))
    make(ledger).run(make_table(key=("iteration", 1)))
    assert len(fake_service.jobs) == 2
    assert fake_service.jobs[first]["status"] == "Completed"


def test_cancelling_waits_for_what_is_being_sent(fake_service, ledger, tmp_path, make):
    """A submission is under way: its job appears after the first look."""
    fake_service.hold()
    fake_service.faults.append(Fault("POST", "/jobs$", drop="after", reply_after=0.5))
    runner = make(ledger)
    failures = []

    def train():
        own = Ledger(tmp_path / "ledger.sqlite")
        try:
            make(own).run(make_table())
        except JobError as error:
            failures.append(str(error))
        own.close()

    thread = threading.Thread(target=train)
    thread.start()
    while not ledger.unfinished():
        time.sleep(0.01)
    ledger.remember("stop", True)
    outcome = cancel_jobs(runner._engine, ledger, QUICK)
    thread.join()
    assert outcome.cancelled == 1
    assert {job["status"] for job in fake_service.jobs.values()} == {"Cancelled"}
    assert failures == ["the run was cancelled (sqsq cancel); it can be resumed"]
    ledger.take_over()
    fake_service.release()
    make(ledger).run(make_table())  # it is sent again without a question
    assert [job["status"] for job in fake_service.jobs.values()] == ["Cancelled", "Completed"]


def test_cancelling_says_what_it_did_not_cancel(fake_service, ledger, small_jobs):
    fake_service.hold()
    runner = small_jobs(ledger)
    chunks = list(runner._chunks(make_table(6)))
    jobs = [runner._executor._send(chunk).job_id for chunk in chunks]
    fake_service.jobs[jobs[0]]["status"] = "Completed"
    fake_service.forget(jobs[1])
    outcome = cancel_jobs(runner._engine, ledger, QUICK)
    assert str(outcome) == "1 jobs cancelled, 1 had ended already, 1 unknown to the service"
    fake_service.release()


def test_a_job_that_the_service_has_forgotten_is_sent_again(fake_service, ledger, make, kept):
    told = []
    runner = make(ledger, on_note=told.append)
    chunk = next(runner._chunks(make_table()))
    job_id = runner._executor._send(chunk).job_id
    fake_service.forget(job_id)
    runner.run(make_table())
    assert len(fake_service.jobs) == 1
    assert told == [f"the service does not know job {job_id} (any more): iteration 0 is sent again"]


# devices that change


@pytest.fixture
def kept(make):
    """Makes runners of a run that goes on, in a process that logs in anew."""

    def made(ledger, placement=PAIR, **options):
        engine = open_hardware(BackendChoice(NAME, placement=placement, resuming=True))
        restore_choices(ledger, engine)
        return make(ledger, engine=engine, **options)

    return made


def test_a_completed_job_is_fetched_from_a_device_that_has_changed(
    fake_service, ledger, tmp_path, make, kept
):
    runner = make(ledger)
    chunk = next(runner._chunks(make_table()))
    runner._executor._send(chunk)
    fake_service.faulty = [(1, 3)]
    again = reopened(ledger, tmp_path)
    spikes = kept(again).run(make_table())
    assert len(spikes) == 4
    assert_sent_once(fake_service, 1)
    with pytest.raises(BackendError, match=r"coupling 1-3 of ibm_perth is marked as faulty.*--accept"):
        kept(again).run(make_table(key=("iteration", 1)))
    assert_sent_once(fake_service, 1)


def test_a_retired_device_still_gives_its_results(fake_service, ledger, tmp_path, make, kept):
    runner = make(ledger)
    chunk = next(runner._chunks(make_table()))
    runner._executor._send(chunk)
    fake_service.devices = {"ibm_boston": fake_service.devices[NAME]}
    again = reopened(ledger, tmp_path)
    assert len(kept(again).run(make_table())) == 4
    with pytest.raises(BackendError, match="does not offer ibm_perth: it offers ibm_boston"):
        kept(again).run(make_table(key=("iteration", 1)))
    assert_sent_once(fake_service, 1)


def test_jobs_on_a_retired_device_are_cancelled(fake_service, ledger, tmp_path, make):
    fake_service.hold()
    runner = make(ledger)
    runner._executor._send(next(runner._chunks(make_table())))
    fake_service.devices = {}
    again = reopened(ledger, tmp_path)
    assert cancel_jobs(open_hardware(BackendChoice(NAME, resuming=True)), again, QUICK).cancelled == 1
    fake_service.release()


def test_a_change_that_is_accepted_is_followed(fake_service, ledger, tmp_path, make, kept):
    placement = Placement(pack=2)
    make(ledger, placement=placement).run(make_table())
    fake_service.faulty = groups_in(ledger)[:1]
    again = reopened(ledger, tmp_path)
    with pytest.raises(BackendError, match="marked as faulty"):
        kept(again, placement).run(make_table(key=("iteration", 1)))
    kept(again, placement, accept_device_changes=True).run(make_table(key=("iteration", 1)))
    assert set(fake_service.faulty[0]) not in map(set, groups_in(again))
    assert len(fake_service.jobs) == 2


def groups_in(ledger):
    """The groups of qubits that a ledger knows."""
    (groups,) = [value for name, value in ledger.fact(f"choices {NAME}").items() if name[:6] == "groups"]
    return [tuple(group) for group in groups]


@pytest.mark.parametrize("faulty", [(1,), (1, 3), (3, 1)])
def test_a_layout_on_faulty_qubits_is_one_line(fake_service, faulty):
    fake_service.faulty = [faulty]
    engine = open_hardware(BackendChoice(NAME, placement=PAIR))
    with pytest.raises(
        BackendError, match=r"is marked as faulty, and neurons were to run on qubits \[1, 3\]"
    ):
        engine.prepare(make_table().template)


def test_faulty_qubits_are_not_chosen(fake_service):
    choice = BackendChoice(NAME, placement=Placement(pack="off"))
    (first,) = open_hardware(choice).groups(make_table().template)
    fake_service.faulty = [first]
    (second,) = open_hardware(choice).groups(make_table().template)
    assert set(second) != set(first)


def test_the_decision_is_in_the_ledger_before_the_intent(fake_service, ledger, make):
    """The process dies while the job is sent: qubits and circuit are known."""
    runner = make(ledger, placement=Placement(pack=2))

    def die(*_):
        raise KeyboardInterrupt

    runner._engine.submit = die
    with pytest.raises(KeyboardInterrupt):
        runner.run(make_table())
    names = {name.split()[0] for name in ledger.fact("choices ibm_perth")}
    assert {"groups", "circuit", "times", "rows"} <= names


def test_replies_that_make_no_sense_are_never_a_traceback(fake_service, ledger, make):
    """Charges and places in the queue of every JSON type."""
    odd = [None, -1, "x", [], {}, True, 1e400, float("nan")]
    for k, value in enumerate(odd):
        reply = json.dumps(
            {"usage": {"qpu_charge_time_seconds": value, "status": value}, "position_in_queue": value}
        )
        fake_service.faults.append(Fault("GET", "/metrics$", times=1, reply=reply))
        make(ledger).run(make_table(key=("iteration", k)))
    assert len(fake_service.jobs) == len(odd)
    assert np.isfinite(ledger.spent())
