"""The command as users run it: once in processes of its own, then in this one."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from qiskit import qasm3

import sqsq
from tests.cli.in_process import sqsq_command

SMALL = (
    *("--data", "digits", "--steps", "4", "--iterations", "2"),
    *("--batch-size", "4", "--m-syn", "2", "--test-size", "10"),
)


def sqsq_process(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "sqsq", *arguments], capture_output=True, text=True, check=False, **options
    )


def test_train_then_evaluate(tmp_path):
    run = tmp_path / "run"
    trained = sqsq_process("train-usps", *SMALL, "--run-dir", str(run), "--json")
    assert trained.returncode == 0, trained.stderr
    summary = json.loads(trained.stdout.splitlines()[-1])
    wanted = {"accuracy", "iterations", "evaluations", "executions", "seconds", "spikes_per_step", "run_dir"}
    assert wanted <= set(summary)
    assert summary["iterations"] == 2
    assert summary["run_dir"] == str(run)
    assert "single-shot test accuracy" in trained.stderr
    evaluated = sqsq_process("evaluate", str(run), "--repeats", "2", "--json")
    assert evaluated.returncode == 0, evaluated.stderr
    assert json.loads(evaluated.stdout.splitlines()[-1])["repeats"] == 2
    spoken = sqsq_process("evaluate", str(run))
    assert f"single-shot accuracy {summary['accuracy']:.4f}" in spoken.stdout


def test_default_run_directory_and_table(tmp_path):
    trained = sqsq_command("train-usps", *SMALL, cwd=tmp_path)
    assert trained.returncode == 0, trained.stderr
    (run,) = (tmp_path / "runs").iterdir()
    assert run.name.startswith("train-usps-")
    assert "single-shot test accuracy" in trained.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--backend", "bogus"], 3, "unknown backend 'bogus'"),
        (["--backend", "ibm_brisbane"], 3, "QISKIT_IBM_TOKEN"),
        (["--ansatz", "bogus"], 2, "unknown ansatz 'bogus'"),
        (["--digits", "1,1"], 2, "must be different"),
        (["--digits", "1,x"], 2, "'1,x' is not a list of integers"),
        (["--steps", "0"], 2, "steps is 0: at least 1"),
        (["--m", "0"], 2, "M is 0: at least 1"),
        (["--m-p", "-5"], 2, "M_p is -5: at least 1"),
        (["--batch-size", "9999"], 2, "batch size 9999"),
        (["--shift", "half"], 2, "'half' is not one of"),
        (["--data", "usps", "--data-dir", "."], 4, "no file zip.train.gz"),
        (["--run-dir", "/proc/run"], 2, "run directory /proc/run cannot be written"),
    ],
)
def test_bad_input_is_one_line_and_a_code(tmp_path, arguments, code, message):
    result = sqsq_command("train-usps", *SMALL, *arguments, cwd=tmp_path)
    assert result.returncode == code, result.stderr
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert not list(tmp_path.iterdir())


def test_edited_weights_are_refused(tmp_path):
    import numpy as np

    run = tmp_path / "run"
    assert sqsq_command("train-usps", *SMALL, "--run-dir", str(run)).returncode == 0
    with np.load(run / "model.npz") as file:
        arrays = dict(file)
    arrays["weights"][0, 0, 0] = np.nan
    np.savez(run / "model.npz", **arrays)
    result = sqsq_command("evaluate", str(run))
    assert result.returncode == 4
    assert "model.npz is damaged or was edited: it does not match its own checksum" in result.stderr


@pytest.mark.matrix(keep=1)
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupts_have_their_codes(tmp_path, number, code):
    process = subprocess.Popen(
        [sys.executable, "-m", "sqsq", "train-usps", "--data", "digits", "--run-dir", str(tmp_path / "run")],
        stderr=subprocess.PIPE,
        text=True,
    )
    metrics = tmp_path / "run" / "metrics.jsonl"
    deadline = time.monotonic() + 60
    while not metrics.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in errors
    assert all(json.loads(line) for line in metrics.read_text().splitlines())
    assert (tmp_path / "run" / "model.npz").exists()


@pytest.mark.matrix(keep=1)
@pytest.mark.parametrize("wait", [0.0, 0.02, 0.1])
def test_an_interrupt_during_the_first_table_ends_the_run(tmp_path, wait):
    """While Aer starts its thread: a Ctrl-C there once left a process that never ended."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sqsq", "train-usps", "--data", "digits", "--run-dir", str(tmp_path / "run")],
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "run" / "ledger.sqlite").exists() and time.monotonic() < deadline:
        time.sleep(0.002)
    time.sleep(wait)
    process.send_signal(signal.SIGINT)
    try:
        assert process.wait(timeout=30) == 130
    finally:
        process.kill()


def test_help_version_and_lists():
    assert sqsq_process("--version").stdout == f"sqsq {sqsq.__version__}\n"
    overview = sqsq_command("--help").stdout
    for name in ("train-usps", "evaluate", "inspect", "compile", "backends", "data"):
        assert name in overview
        assert sqsq_command(name, "--help").returncode == 0
    assert sqsq_command("bogus").returncode == 2
    listed = sqsq_command("data", "list", env={**os.environ, "COLUMNS": "160"}).stdout
    assert "usps.rebuilt.bz2" in listed


def test_overview_loads_nothing_heavy():
    program = (
        "import sys; from sqsq.cli.main import cli; from click.testing import CliRunner\n"
        "assert CliRunner().invoke(cli, ['--help']).exit_code == 0\n"
        "print([m for m in ('numpy', 'qiskit', 'rich', 'matplotlib', 'sklearn') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_overview_says_what_the_commands_say():
    from sqsq.cli.main import _COMMANDS, cli

    for name, (_, summary) in _COMMANDS.items():
        command = cli.get_command(None, name)
        assert command.get_short_help_str(limit=100) == summary


@pytest.mark.slow
def test_backends():
    rows = {row["name"]: row for row in json.loads(sqsq_command("backends", "--json").stdout)["backends"]}
    assert len(rows) == 71
    assert {"aer", "exact", "lif"} <= set(rows)
    assert rows["fake_brisbane"]["runs_neurons"]
    assert rows["fake_brisbane"]["idle_noise"]
    assert not rows["fake_berlin"]["runs_neurons"]
    assert rows["fake_vigo"]["runs_neurons"]
    assert not rows["fake_vigo"]["idle_noise"]


def test_compile_to_openqasm_on_stdout():
    result = sqsq_command(
        "compile", "neuron", "--steps", "3", "--currents", "0.5,-1,0.25", "--theta", "1,0.1,0.2"
    )
    assert result.returncode == 0, result.stderr
    circuit = qasm3.loads(result.stdout)
    assert circuit.count_ops()["measure"] == 3
    assert not circuit.parameters
    assert "depth" in result.stderr
    assert "6 two-qubit gates" in result.stderr
    assert "duration unknown on no device" in result.stderr


def test_compile_for_a_device_to_a_file(tmp_path):
    target = tmp_path / "neuron.png"
    result = sqsq_command(
        *("compile", "neuron", "--steps", "2", "--ansatz", "memory-controlled"),
        *("--backend", "fake_brisbane", "--format", "png", "-o"),
        str(target),
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout == ""
    assert target.read_bytes().startswith(b"\x89PNG")
    assert " us on fake_brisbane" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--currents", "1,2"], 2, "--currents is 1,2: must be 3 finite numbers (3 steps of 1 io qubits)"),
        (["--currents", "1,2,nan"], 2, "--currents is 1,2,nan"),
        (["--theta", "1"], 2, "--theta is 1: must be 3 finite numbers: ent[0,0], in[0], mem[0]"),
        (["--backend", "ibm_fez"], 3, "no IBM Quantum credentials found"),
        (["-o", "/proc/neuron.qasm"], 2, "/proc/neuron.qasm cannot be written"),
    ],
)
def test_bad_compilations(arguments, code, message):
    result = sqsq_command("compile", "neuron", "--steps", "3", *arguments)
    assert result.returncode == code
    assert message in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


def test_inspect_an_ansatz_and_a_run(tmp_path):
    picture = tmp_path / "memory.png"
    result = sqsq_command("inspect", "io-controlled", "--steps", "4", "-o", str(picture))
    assert result.returncode == 0, result.stderr
    assert "mem[0]" in result.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")
    run = tmp_path / "run"
    trained = sqsq_command(
        "train-usps", *SMALL, "--run-dir", str(run), "--ansatz", "io-controlled", "--backend", "exact"
    )
    assert trained.returncode == 0
    assert (
        "mem[0] has no effect in io-controlled neurons without noise: no shots are spent on it"
        in trained.stderr
    )
    inspected = sqsq_command("inspect", str(run), "--json", "--backend", "exact:fake_lagos")
    neurons = json.loads(inspected.stdout.splitlines()[-1])["neurons"]
    assert len(neurons) == 2
    assert neurons[0]["backend"] == "exact:fake_lagos"
    unknown = sqsq_command("inspect", "bogus")
    assert unknown.returncode == 2
    assert "'bogus' is neither an ansatz" in unknown.stderr
    inexact = sqsq_command("inspect", "io-controlled", "--backend", "aer")
    assert inexact.returncode == 2
    assert "inspection needs exact" in inexact.stderr


def describe(path, **changes):
    described = {
        "inputs": 1,
        "neurons": [{}, {"ansatz": "memory-controlled"}],
        "edges": [{"from": 0, "to": 0, "weight": 0.5}, {"from": 1, "to": 1, "weight": 0.4}],
        "outputs": [1],
        "theta": [[0.4, 0, 0.1], [0.4, 0, 0.1]],
        "spikes": [[1], [0]],
    }
    path.write_text(json.dumps({**described, **changes}))
    return str(path)


def test_compile_a_network(tmp_path):
    described = describe(tmp_path / "network.json")
    emitted = sqsq_command("compile", "network", described)
    assert emitted.returncode == 0, emitted.stderr
    assert emitted.stdout.count("if (") == 2
    assert qasm3.loads(emitted.stdout).num_qubits == 4
    assert "1 conditional rotations a step" in emitted.stderr
    assert "broadcasts of measured bits: 2 of 300" in emitted.stderr
    placed = sqsq_command("compile", "network", described, "--backend", "fake_boston", "--parametric")
    assert placed.returncode == 0, placed.stderr
    assert "input float[64] _phi_0_;" in placed.stdout
    assert "us on fake_boston" in placed.stderr


def test_compile_the_network_of_a_run(tmp_path):
    run = str(tmp_path / "run")
    assert sqsq_command("train-usps", *SMALL, "--hidden", "2", "--run-dir", run).returncode == 0
    emitted = sqsq_command("compile", "network", run, "--image", "3", "--format", "text", "--prune", "0.01")
    assert emitted.returncode == 0, emitted.stderr
    assert "8 qubits" in emitted.stderr
    assert "pruning moves a current angle by at most" in emitted.stderr
    assert sqsq_command("compile", "network", run, "--image", "99").returncode == 2


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"outputs": [0]}, 2, "output neuron 0 feeds neuron 1"),
        ({"edges": [{"from": 2, "to": 1, "weight": 1}]}, 2, "feeds"),
        (
            {"edges": [{"from": 1, "to": 1, "weight": 1}, {"from": 2, "to": 0, "weight": 1}], "outputs": [1]},
            2,
            "output neuron 1 feeds neuron 0",
        ),
        ({"spikes": [[2]]}, 2, "zeros and ones"),
        ({"theta": [[1]]}, 2, "theta of neuron 0 has 1 angles"),
        ({"edges": [{"from": 0}]}, 4, "describes no network: edge 0 has no 'to'"),
        ({"neurons": []}, 2, "the list of neurons is empty"),
    ],
)
def test_networks_that_break_rules(tmp_path, changes, code, message):
    path = tmp_path / "network.json"
    result = sqsq_command("compile", "network", describe(path, **changes))
    assert result.returncode == code, result.stderr
    assert message in result.stderr
    assert "Traceback" not in result.stderr
