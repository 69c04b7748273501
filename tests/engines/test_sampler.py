"""Any provider's sampler as an engine: Qiskit's reference implementation and Aer's."""

import numpy as np
import pytest
from qiskit.primitives import BackendSamplerV2
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit_aer import AerSimulator
from qiskit_aer.primitives import SamplerV2

from sqsq.engines import Placement, SamplerEngine, open_engine
from sqsq.engines.fake import fake_backend
from sqsq.errors import BackendError
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, Template
from tests.statistics import assert_same_distribution

TARGET = GenericBackendV2(4, coupling_map=[[0, 1], [1, 0], [2, 3], [3, 2]], noise_info=False).target
MPS = {"method": "matrix_product_state"}
SAMPLERS = {
    "qiskit": lambda: BackendSamplerV2(backend=AerSimulator(seed_simulator=7)),
    "aer": lambda: SamplerV2(seed=7),
}


@pytest.mark.parametrize("pack", ["off", "auto"])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_samplers_draw_the_neurons_distribution(sampler, pack):
    """Joint distribution of four steps; chi-square, false-alarm probability 1e-6 each."""
    template = Template(Neuron(), 4)
    rng = np.random.default_rng(2)
    table = EvaluationTable(
        template,
        rng.uniform(0, np.pi, (3, *template.phi_shape)),
        rng.uniform(-2, 2, (3, *template.theta_shape)),
        shots=4_000,
    )
    engine = SamplerEngine(SAMPLERS[sampler](), TARGET, placement=Placement(pack=pack))
    ours = engine.run(table)
    exact = open_engine("exact", seed=8).run(table)
    for row in range(3):
        assert_same_distribution(ours[row].reshape(4_000, -1), exact[row].reshape(4_000, -1))


def test_a_sampler_of_another_shape_is_an_error():
    class Short(SamplerV2):
        def run(self, pubs, *, shots=None):
            return super().run(pubs, shots=shots // 2)

    table = EvaluationTable(Template(Neuron(), 2), np.ones((1, 2, 1)), np.zeros((1, 2, 3)), shots=10)
    with pytest.raises(BackendError, match="as was asked for"):
        SamplerEngine(Short(), TARGET).run(table)


def test_samplers_get_the_measurement_they_know():
    """Aer refuses ``measure_2``, which this target offers."""
    template = Template(Neuron(), 2)
    table = EvaluationTable(template, np.full((2, 2, 1), np.pi), np.zeros((2, 2, 3)), shots=10)
    target = fake_backend("fake_boston").target
    assert "measure_2" in target.operation_names
    spikes = SamplerEngine(SamplerV2(seed=1, options={"backend_options": MPS}), target).run(table)
    assert (spikes == 1).all()


def test_a_sampler_is_known_by_its_name_and_class():
    backend = GenericBackendV2(4, seed=0)
    own = SamplerEngine(SamplerV2(), backend.target, "mine")
    assert own.identity.startswith("mine by qiskit_aer.primitives.")
    assert own.identity != SamplerEngine(BackendSamplerV2(backend=backend), backend.target, "mine").identity
