"""The estimate before a run against what the run then sends, and IBM's formula by hand."""

import pytest

from sqsq import Resources, estimate_run, open_run, train_usps
from sqsq.circuits.limits import MAX_EXECUTIONS, control_instructions
from sqsq.engines import BackendChoice, Placement, device_programs
from sqsq.engines.fake import fake_backend
from sqsq.engines.job_limits import circuits_per_job
from sqsq.errors import BackendError
from sqsq.jobs import Patience
from sqsq.model import Neuron
from sqsq.tables import Template
from tests.runs_for_tests import usps

SMALL = {"data": "digits", "steps": 2, "iterations": 3, "test_size": 6, "batch_size": 2, "m_syn": 1}
QUICK = Patience(first_poll=0.05, longest_poll=0.1)


@pytest.mark.matrix(keep=1)
@pytest.mark.parametrize("job_seconds", [None, 0.003])
def test_a_run_sends_what_was_estimated(fake_service, tmp_path, job_seconds):
    settings = usps(backend="ibm_brisbane", pack=2, job_seconds=job_seconds, **SMALL)
    estimate = estimate_run(settings)
    assert not fake_service.jobs
    train_usps(settings, run_dir=tmp_path / "run", resources=Resources(patience=QUICK))
    status = open_run(tmp_path / "run").status()
    total = estimate.total
    assert total.jobs == len(fake_service.jobs) == status.totals.chunks["done"]
    assert (total.circuits, total.executions) == (status.totals.circuits, status.totals.executions)
    assert total.qpu_seconds == pytest.approx(status.totals.estimated)
    assert status.totals.charged == 3.0 * total.jobs
    assert estimate.open_plan_share == pytest.approx(total.qpu_seconds / 600)


def test_the_formula_by_hand():
    """2 s a job, and the delay between shots plus the circuit, an execution."""
    choice = BackendChoice("fake_brisbane", placement=Placement((0, 1)))
    programs = device_programs(choice)
    template = Template(Neuron(), 10)
    target = fake_backend("fake_brisbane").target
    circuit = programs.packed(template, 1).circuit
    seconds = circuit.estimate_duration(target, unit="s")
    cost = programs.cost(template, rows=100, shots=5)
    assert cost.executions == 500
    assert cost.circuit_seconds == pytest.approx(seconds)
    assert cost.qpu_seconds == pytest.approx(2 + 500 * (250e-6 + seconds))


def test_packing_divides_executions():
    packed = device_programs(BackendChoice("fake_brisbane"))
    alone = device_programs(BackendChoice("fake_brisbane", placement=Placement(pack="off")))
    template = Template(Neuron(), 10)
    assert alone.cost(template, 440, 5).executions == 2200
    assert packed.cost(template, 440, 5).executions == 45
    # 9 circuits need 49 groups, not 54: the worst five are left alone
    assert len(packed.packed(template, 440).groups) == 49


def test_the_limits_of_a_job():
    template = Template(Neuron(), 10)
    programs = device_programs(BackendChoice("fake_brisbane", placement=Placement(pack="off")))
    circuit = programs.packed(template, 1).circuit
    # ten measurements of weight 10, ten resets of weight 17, and gates
    assert control_instructions(circuit) > 270
    assert circuits_per_job(circuit, 1000, None, 60) == MAX_EXECUTIONS // 1000
    assert circuits_per_job(circuit, 5, 1e-3, 60) == 12_000
    assert circuits_per_job(circuit, 5, 1e3, 60) == 1  # a job holds one circuit, however long
    with pytest.raises(BackendError, match=r"10000001 shots .* exceed what one job may hold"):
        programs.rows_per_job(template, MAX_EXECUTIONS + 1, 60)


def test_simulators_beside_hardware_cost_nothing(fake_service):
    settings = usps(backend="ibm_brisbane", evaluate_backend="exact", pack=2, **SMALL)
    estimate = estimate_run(settings)
    assert estimate.evaluating.jobs == 0
    assert estimate.total.qpu_seconds == estimate.training.qpu_seconds > 0


def test_ideal_simulators_have_no_qpu():
    estimate = estimate_run(usps(backend="aer", **SMALL))
    assert estimate.total.qpu_seconds is None
    assert estimate.total.evaluations == 3 * 2 * 2 * 3 + 6 * 2
