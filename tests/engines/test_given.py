"""Backends that a program hands over."""

import numpy as np
import pytest
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit.transpiler import Target
from qiskit_aer import AerSimulator
from qiskit_aer.primitives import SamplerV2

import sqsq
from sqsq.engines import Placement, engine_of, fake_backend, open_engine
from sqsq.errors import BackendError, UsageError
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, Template
from tests.runs.test_own_training import X, Y
from tests.runs.test_resume import assert_same_model
from tests.statistics import assert_same_distribution

SMALL = {"steps": 3, "iterations": 3, "batch_size": 5, "m_syn": 1, "layout": (1, 3)}


def test_a_simulator_of_a_device_has_the_devices_distribution():
    """Joint distribution of three steps; chi-square, false-alarm probability 1e-6 each."""
    template = Template(Neuron(), 3)
    rng = np.random.default_rng(4)
    phi = rng.uniform(0, np.pi, (2, *template.phi_shape))
    table = EvaluationTable(template, phi, rng.uniform(-2, 2, (2, *template.theta_shape)), 4_000)
    simulator = AerSimulator.from_backend(fake_backend("fake_lagos"), seed_simulator=3)
    ours = engine_of(simulator, Placement((1, 3), pack="off")).run(table)
    named = open_engine("exact:fake_lagos", 5, idle_noise=False, placement=Placement((1, 3), pack=1))
    exact = named.run(table)
    for row in range(2):
        assert_same_distribution(ours[row].reshape(4_000, -1), exact[row].reshape(4_000, -1))


def test_a_run_on_a_simulator_that_was_handed_over(tmp_path):
    simulator = AerSimulator.from_backend(fake_backend("fake_lagos"))
    run = sqsq.train(X, Y, backend=simulator, run_dir=tmp_path / "run", **SMALL)
    assert run.settings.backend.name == "given"
    assert 0 <= run.accuracy <= 1
    again = sqsq.train(X, Y, backend=simulator, run_dir=tmp_path / "run", resume=True, **SMALL)
    assert again.accuracy == run.accuracy
    with pytest.raises(BackendError, match="was handed over by a program: hand it over again"):
        sqsq.train(X, Y, run_dir=tmp_path / "run", resume=True, **SMALL)
    with pytest.raises(BackendError, match="or name another one"):
        run.predict(X)
    assert len(run.predict(X, backend="exact")) == 120
    with pytest.raises(UsageError, match="workers and dask open backends by name"):
        sqsq.train(X, Y, backend=simulator, resources=sqsq.Resources(workers=2), **SMALL)


def test_an_opened_engine_and_a_sampler(tmp_path):
    settings = {**SMALL, "layout": ()}
    named = sqsq.train(X, Y, backend="exact", run_dir=tmp_path / "named", **settings)
    opened = sqsq.train(X, Y, backend=open_engine("exact"), run_dir=tmp_path / "opened", **settings)
    assert opened.accuracy == named.accuracy
    assert_same_model(tmp_path / "named", tmp_path / "opened")
    target = GenericBackendV2(2, noise_info=False).target
    assert 0 <= sqsq.train(X, Y, backend=(SamplerV2(seed=1), target), **settings).accuracy <= 1


class Halfway:
    name = "halfway"

    def run(self, table):
        return None


class Unresettable(GenericBackendV2):
    def __init__(self):
        super().__init__(2, noise_info=False)
        self._without = Target(num_qubits=2)
        for name in ("cx", "rz", "sx", "measure"):
            self._without.add_instruction(super().target.operation_from_name(name), super().target[name])

    @property
    def target(self):
        return self._without if hasattr(self, "_without") else super().target


@pytest.mark.parametrize(
    ("backend", "message"),
    [
        (3, "backend is 3: must be a name, an engine, a Qiskit BackendV2"),
        (SamplerV2(), r"the sampler SamplerV2 says nothing of what it runs on: hand over a pair"),
        ((SamplerV2(), None), "must be a name, an engine"),
        (Unresettable(), r"generic_backend_2q has no reset among its operations"),
        (Halfway(), r"as an engine it lacks prepare, rows_per_chunk, groups_of"),
    ],
)
def test_what_is_no_backend(backend, message):
    with pytest.raises(UsageError, match=message):
        engine_of(backend)
    with pytest.raises(UsageError, match=message):
        sqsq.train(X, Y, backend=backend, **SMALL)
