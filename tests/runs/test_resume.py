"""Interrupted at any moment, resumed, and the same model as if nothing had happened."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import sqsq
from sqsq import Resources, open_run, train_usps
from sqsq.errors import BackendError, DataError, JobError, UsageError
from sqsq.fake_service import TOKEN, FakeService, Fault, RandomFaults
from sqsq.jobs import Patience
from sqsq.runs.run_directory import RunDirectory
from tests.runs_for_tests import on_waits

SMALL = {
    "data": "digits",
    "steps": 2,
    "iterations": 3,
    "eval_every": 2,
    "test_size": 6,
    "batch_size": 2,
    "m_syn": 1,
}
HARDWARE = {**SMALL, "backend": "ibm_brisbane", "pack": 2, "job_seconds": 0.003}
QUICK = Patience(first_wait=0.05, longest_wait=0.2, give_up=3, grace=1, first_poll=0.05, longest_poll=0.1)


def arguments(settings, run_dir):
    flat = [part for name, value in settings.items() for part in (f"--{name.replace('_', '-')}", str(value))]
    return [*flat, "--run-dir", str(run_dir)]


def start(*command):
    return subprocess.Popen(
        [sys.executable, "-m", "sqsq", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )


def finish(process):
    out, error = process.communicate(timeout=300)
    assert TOKEN not in out + error
    return process.returncode, out, error


def assert_same_model(first, second):
    for name in ("model.npz", "checkpoint.npz"):
        with np.load(first / name) as a, np.load(second / name) as b:
            for key in set(a.files) - {"header"}:
                assert (a[key] == b[key]).all(), f"{name}: {key}"
    lines = [
        [{k: v for k, v in line.items() if k != "seconds"} for line in RunDirectory(path).metrics()]
        for path in (first, second)
    ]
    assert lines[0] == lines[1]


def wait_until(condition, process=None, seconds=120):
    until = time.monotonic() + seconds
    while not condition():
        assert process is None or process.poll() is None, finish(process)
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """An uninterrupted hardware run, and the jobs it sent."""
    path = tmp_path_factory.mktemp("whole") / "run"
    with pytest.MonkeyPatch.context() as patch, FakeService() as service:
        for name, value in service.environment().items():
            patch.setenv(name, value)
        train_usps(run_dir=path, resources=Resources(patience=QUICK), **HARDWARE)
    return path, service.contents()


def assert_sent_once(fake_service, contents):
    assert sorted(fake_service.contents()) == sorted(contents)


@pytest.mark.slow
def test_killed_and_resumed_again_and_again(fake_service, whole, tmp_path):
    """SIGKILL after the first job was accepted, and again later."""
    path, contents = whole
    assert len(set(contents)) == len(contents) > 8
    run = tmp_path / "killed"
    command = ("train-usps", *arguments(HARDWARE, run), "--yes", "--resume")
    for jobs in (1, 6):
        process = start(*command)
        wait_until(lambda jobs=jobs: len(fake_service.jobs) >= jobs, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    status = open_run(run).status()
    assert status.state == "stopped"
    assert status.next == f"sqsq resume {run}"
    code, out, error = finish(start("resume", str(run), "--json"))
    assert code == 0, error
    assert json.loads(out.splitlines()[-1])["iterations"] == 3
    assert_sent_once(fake_service, contents)
    assert_same_model(path, run)
    assert open_run(run).status().state == "finished"


def test_killed_between_the_intent_and_the_reply(fake_service, whole, tmp_path):
    """The service has the job, the ledger only the intent."""
    path, contents = whole
    run = tmp_path / "killed"
    fake_service.faults.append(Fault("POST", "/jobs$", skip=2, reply_after=30))
    process = start("train-usps", *arguments(HARDWARE, run), "--yes")
    wait_until(lambda: len(fake_service.jobs) == 3, process)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert open_run(run).status().totals.chunks["intent"] == 1
    sqsq.open_run(run).resume(patience=QUICK)
    assert_sent_once(fake_service, contents)
    assert_same_model(path, run)


def test_ctrl_c_and_sigterm(fake_service, whole, tmp_path):
    path, contents = whole
    run = tmp_path / "interrupted"
    fake_service.hold()
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        process = start("train-usps", *arguments(HARDWARE, run), "--yes", "--resume")
        wait_until(lambda: len(fake_service.jobs) >= 2, process)
        wait_until(lambda: open_run(run).status().state == "running", process)
        time.sleep(0.3)
        process.send_signal(number)
        assert finish(process)[0] == code
    fake_service.release()
    open_run(run).resume(patience=QUICK)
    assert_sent_once(fake_service, contents)
    assert_same_model(path, run)


def test_a_lost_network_and_an_expired_token(fake_service, whole, tmp_path):
    path, contents = whole
    run = tmp_path / "lost"
    fake_service.faults.append(Fault("GET", r"/jobs/\w+$", skip=3, times=10_000, drop="before"))
    with pytest.raises(BackendError, match=r"no answer from the service.*resuming fetches them"):
        train_usps(run_dir=run, resources=Resources(patience=QUICK), **HARDWARE)
    fake_service.faults[:] = [Fault("POST", "/jobs$", skip=2, times=10_000, status=401)]
    with pytest.raises(BackendError, match="refused the credentials"):
        open_run(run).resume(patience=QUICK)
    fake_service.faults.clear()
    open_run(run).resume(patience=QUICK)
    assert_sent_once(fake_service, contents)
    assert_same_model(path, run)


def test_new_calibrations_do_not_move_a_run(fake_service, whole, tmp_path):
    """Errors published after a run began choose other qubits for new runs, not for this one."""
    path, contents = whole
    run = tmp_path / "moved"
    fake_service.fail_next.extend(["nothing works"] * 30)
    with pytest.raises(JobError, match="nothing works"):
        train_usps(run_dir=run, resources=Resources(patience=QUICK), **HARDWARE)
    fake_service.fail_next.clear()
    fake_service.jobs.clear()
    device = fake_service.devices["ibm_brisbane"]
    before = device._props_dict
    try:
        device._set_props_dict_from_json()
        for gate in device._props_dict["gates"]:
            for parameter in gate["parameters"]:
                if parameter["name"] == "gate_error" and gate["gate"] == "ecr":
                    parameter["value"] = 0.001 if 0 in gate["qubits"] else 0.2
        set_properties, device._set_props_dict_from_json = device._set_props_dict_from_json, lambda: None
        open_run(run).resume(patience=QUICK)
    finally:
        device._set_props_dict_from_json = set_properties
        device._props_dict = before
    assert_sent_once(fake_service, contents)
    assert_same_model(path, run)


@pytest.mark.parametrize("backend", ["exact:fake_brisbane", pytest.param("aer", marks=pytest.mark.soak)])
def test_simulated_runs_resume_too(tmp_path, backend):
    settings = {
        **SMALL,
        "iterations": 12,
        "batch_size": 20,
        "steps": 5,
        "optimizer": "adam",
        "backend": backend,
    }
    train_usps(run_dir=tmp_path / "whole", **settings)
    run = tmp_path / "killed"
    for lines in (2, 4):
        process = start("train-usps", *arguments(settings, run), "--resume")
        kill_after(process, run, lines)
    resumed = open_run(run).resume(workers=2)
    assert_same_model(tmp_path / "whole", run)
    assert resumed.usage.executions == sum(line["executions"] for line in RunDirectory(run).metrics())


def kill_after(process, run, lines):
    """Kill a run once so many lines are there, or find that it was quicker."""
    wait_until(lambda: process.poll() is not None or len(RunDirectory(run).metrics()) >= lines)
    process.kill()
    process.wait()


def test_a_line_cut_off_is_written_again(tmp_path):
    train_usps(run_dir=tmp_path / "whole", **SMALL)
    train_usps(run_dir=tmp_path / "cut", **SMALL)
    metrics = tmp_path / "cut" / "metrics.jsonl"
    metrics.write_text(metrics.read_text()[:-20])
    # the checkpoint is older than the model: killed between the two
    with np.load(tmp_path / "cut" / "checkpoint.npz") as file:
        assert json.loads(str(file["header"]))["iteration"] == 3
    (tmp_path / "cut" / "checkpoint.npz").unlink()
    open_run(tmp_path / "cut").resume()
    assert_same_model(tmp_path / "whole", tmp_path / "cut")


def test_a_finished_run_is_not_run_again(tmp_path):
    done = train_usps(run_dir=tmp_path / "run", **SMALL)
    before = (tmp_path / "run" / "metrics.jsonl").read_text()
    again = open_run(tmp_path / "run").resume()
    assert again.summary() == done.summary()
    assert (tmp_path / "run" / "metrics.jsonl").read_text() == before


def test_runs_are_not_mixed_up(tmp_path):
    train_usps(run_dir=tmp_path / "run", **SMALL)
    with pytest.raises(UsageError, match=r"holds a run with lr 0\.03, not 0\.5"):
        train_usps(run_dir=tmp_path / "run", resume=True, lr=0.5, **SMALL)
    with pytest.raises(DataError, match="not a run directory"):
        open_run(tmp_path)
    with pytest.raises(UsageError, match="cannot change lr of a run"):
        open_run(tmp_path / "run").resume(lr=1)
    with np.load(tmp_path / "run" / "checkpoint.npz") as file:
        arrays = dict(file)
    arrays["theta"][0, 0] = np.nan
    np.savez(tmp_path / "run" / "checkpoint.npz", **arrays)
    with pytest.raises(JobError, match=r"checkpoint\.npz is damaged or was edited"):
        open_run(tmp_path / "run").resume()
    (tmp_path / "run" / "checkpoint.npz").write_bytes(b"?")
    with pytest.raises(JobError, match=r"checkpoint\.npz is damaged"):
        open_run(tmp_path / "run").resume()


def test_resume_starts_a_run_where_there_is_none(tmp_path):
    assert train_usps(run_dir=tmp_path / "run", resume=True, **SMALL).metrics[-1].iteration == 3


def test_hardware_needs_a_run_directory(fake_service):
    with pytest.raises(UsageError, match="a run needs a run directory"):
        train_usps(**HARDWARE)
    assert not fake_service.jobs


def test_a_token_is_never_stored(fake_service, whole):
    path, _ = whole
    for file in path.iterdir():
        assert TOKEN.encode() not in file.read_bytes(), file


def test_cancel_stops_a_run_and_its_jobs(fake_service, whole, tmp_path):
    path, _ = whole
    run = tmp_path / "cancelled"
    fake_service.hold()
    process = start("train-usps", *arguments(HARDWARE, run), "--yes")
    wait_until(lambda: len(fake_service.jobs) >= 3, process)
    wait_until(lambda: open_run(run).status().totals.queue_position == 7, process)
    assert open_run(run).status().state == "running"
    sent = len(fake_service.jobs)
    code, out, error = finish(start("cancel", str(run)))
    assert code == 0, error
    assert f"{sent} jobs cancelled" in out
    code, _, error = finish(process)
    assert code == 1
    assert "the run was cancelled (sqsq cancel); it can be resumed" in error
    assert {job["status"] for job in fake_service.jobs.values()} == {"Cancelled"}
    assert open_run(run).status().state == "cancelled"
    fake_service.release()
    open_run(run).resume(patience=QUICK)
    assert_same_model(path, run)


def test_a_second_writer_is_kept_out(fake_service, tmp_path):
    run = tmp_path / "run"
    fake_service.hold()
    process = start("train-usps", *arguments(HARDWARE, run), "--yes")
    wait_until(lambda: len(fake_service.jobs) >= 1, process)
    with pytest.raises(UsageError, match="in use by another run"):
        open_run(run).resume()
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert os.path.exists(run / "ledger.sqlite")


@pytest.mark.parametrize("seed", [1, *(pytest.param(s, marks=pytest.mark.soak) for s in (2, 3, 4, 5))])
def test_a_fifth_of_all_requests_goes_wrong(fake_service, whole, tmp_path, seed):
    """429, 500, 503, connections reset before and after: the same model, and no job twice."""
    path, contents = whole
    fake_service.random_faults = RandomFaults(0.2, seed)
    fake_service.log.clear()
    patience = Patience(first_wait=0.05, longest_wait=0.5, grace=1, first_poll=0.05, longest_poll=0.1)
    train_usps(run_dir=tmp_path / "run", resources=Resources(patience=patience), **HARDWARE)
    assert fake_service.random_faults.count > 0.1 * len(fake_service.log)
    assert_sent_once(fake_service, contents)
    assert_same_model(path, tmp_path / "run")


def kill_at_random(fake_service, run, kills, rng):
    """Start or resume a hardware run, and kill it after a random time, so many times."""
    killed = 0
    while killed < kills:
        process = start("train-usps", *arguments(HARDWARE, run), "--yes", "--resume")
        try:
            process.wait(timeout=rng.uniform(0.5, 9.0))
            return killed  # it finished first
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            killed += 1
    return killed


def kill_and_finish(fake_service, whole, tmp_path, kills, seed):
    """Kill runs of the same settings until there were so many kills; check each."""
    path, contents = whole
    rng = np.random.default_rng(seed)
    killed = runs = 0
    while killed < kills:
        run = tmp_path / f"run{runs}"
        fake_service.jobs.clear()
        fake_service.results.clear()
        killed += kill_at_random(fake_service, run, min(kills - killed, 8), rng)
        runs += 1
        train_usps(run_dir=run, resume=True, resources=Resources(patience=QUICK), **HARDWARE)
        assert_sent_once(fake_service, contents)
        assert_same_model(path, run)
        assert "failed" not in open_run(run).status().totals.chunks
    return runs


@pytest.mark.slow
def test_killed_at_random_moments(fake_service, whole, tmp_path):
    kill_and_finish(fake_service, whole, tmp_path, 3, 0)


@pytest.mark.soak
def test_killed_a_hundred_times(fake_service, whole, tmp_path):
    print(kill_and_finish(fake_service, whole, tmp_path, 100, 1), "runs")


def test_a_ledger_from_another_run(tmp_path):
    for name in ("one", "other"):
        train_usps(run_dir=tmp_path / name, **SMALL)
    shutil.copy(tmp_path / "one" / "ledger.sqlite", tmp_path / "other" / "ledger.sqlite")
    with pytest.raises(JobError, match="belongs to another run"):
        open_run(tmp_path / "other").resume()
    (tmp_path / "other" / "ledger.sqlite").unlink()
    with pytest.raises(JobError, match=r"ledger\.sqlite is missing"):
        open_run(tmp_path / "other").resume()


def test_a_configuration_that_was_edited(tmp_path):
    train_usps(run_dir=tmp_path / "run", **SMALL)
    config = tmp_path / "run" / "config.json"
    config.write_text(config.read_text().replace('"iterations": 3', '"iterations": 4'))
    with pytest.raises(DataError, match=r"config\.json was edited or is damaged"):
        open_run(tmp_path / "run").resume()


def test_a_truncated_ledger(tmp_path):
    train_usps(run_dir=tmp_path / "run", **SMALL)
    ledger = tmp_path / "run" / "ledger.sqlite"
    ledger.write_bytes(ledger.read_bytes()[: 3 * 4096])
    with pytest.raises(JobError, match=r"ledger\.sqlite (is damaged|cannot be)"):
        open_run(tmp_path / "run").resume()


@pytest.mark.slow
@pytest.mark.parametrize("room", [20_000, pytest.param(40_000, marks=pytest.mark.soak)])
def test_a_disk_that_is_full(tmp_path, room):
    """No file may grow beyond so many bytes: the ledger or a model meets that limit."""
    settings = {**SMALL, "iterations": 30, "batch_size": 20}
    run = tmp_path / "run"
    code = (
        "import resource, signal, sys; from sqsq.cli.main import main; "
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room})); main()"
    )
    command = [sys.executable, "-c", code, "train-usps", *arguments(settings, run)]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert process.returncode == 1, process.stderr
    assert "Traceback" not in process.stderr
    assert "could not be written" in process.stderr or "cannot be" in process.stderr
    train_usps(run_dir=tmp_path / "whole", **settings)
    train_usps(run_dir=run, resume=True, **settings)
    assert_same_model(tmp_path / "whole", run)


@pytest.mark.slow
def test_two_processes_resume_at_once(tmp_path):
    settings = {**SMALL, "iterations": 40, "batch_size": 20}
    run = tmp_path / "run"
    train_usps(run_dir=tmp_path / "whole", **settings)
    processes = [start("train-usps", *arguments(settings, run), "--resume") for _ in range(2)]
    ends = [finish(process) for process in processes]
    codes = sorted(code for code, _, _ in ends)
    assert codes in ([0, 0], [0, 2]), ends
    if codes == [0, 2]:
        assert any("in use by another run" in error for _, _, error in ends)
    assert_same_model(tmp_path / "whole", run)


def test_a_token_is_never_told(fake_service, caplog, tmp_path):
    """Not by logs, however chatty, nor by the titles of processes."""
    run = tmp_path / "run"
    with caplog.at_level("DEBUG"):
        train_usps(run_dir=run, resources=Resources(patience=QUICK), **{**HARDWARE, "iterations": 1})
    ours = [record for record in caplog.records if record.name.startswith("sqsq")]
    assert TOKEN not in caplog.text
    assert not ours
    fake_service.hold()
    process = start("train-usps", *arguments(HARDWARE, tmp_path / "other"), "--yes")
    wait_until(lambda: len(fake_service.jobs) >= 3, process)
    assert TOKEN not in Path(f"/proc/{process.pid}/cmdline").read_text()
    process.kill()
    process.wait()


def test_charges_that_come_late_are_asked_for_at_the_end(fake_service, tmp_path):
    fake_service.charges_later = 4
    train_usps(run_dir=tmp_path / "run", resources=Resources(patience=QUICK), **HARDWARE)
    status = open_run(tmp_path / "run").status()
    assert status.totals.charged == status.spent == 3.0 * len(fake_service.jobs)
    assert {session["state"] for session in fake_service.sessions.values()} == {"closed"}


def test_a_service_that_is_gone_at_the_end_costs_nothing(fake_service, tmp_path):
    """All results are there; closing the batch is a courtesy."""
    told = []
    fake_service.faults.append(Fault("PATCH", "/sessions", times=1000, status=503))
    brief = Patience(first_wait=0.05, first_contact=0.1, first_poll=0.05, longest_poll=0.1)
    train_usps(
        run_dir=tmp_path / "run",
        resources=Resources(patience=brief),
        on_event=on_waits(told.append),
        **HARDWARE,
    )
    assert open_run(tmp_path / "run").status().state == "finished"
    assert "all results are there" in told[-1]
