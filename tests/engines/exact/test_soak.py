"""Many random tables on many devices: the exact engine against Aer. Run by ``make soak``."""

import numpy as np
import pytest

from sqsq.engines import open_engine
from sqsq.engines.circuit_sources import circuits_of
from sqsq.engines.exact import ExactEngine
from sqsq.engines.fake import fake_names
from sqsq.errors import BackendError
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, Template
from tests import oracle
from tests.engines.exact.kernel_tables import kernel_tables
from tests.statistics import assert_same_distribution

SIZES = [(1, 1, 10), (2, 1, 5), (1, 2, 8)]


@pytest.mark.soak
@pytest.mark.parametrize("device", ["", "fake_brisbane"])
@pytest.mark.parametrize("seed", range(3, 16))
def test_kernels_draw_the_same_spikes(device, seed):
    """Bit for bit, in all about 10^8 spikes."""
    for table in kernel_tables(seed, 1_000_000):
        compiled, plain = (
            ExactEngine("exact", circuits_of(device, idle_noise=False), seed, fast=fast).run(table)
            for fast in (True, False)
        )
        assert np.array_equal(compiled, plain)


@pytest.mark.soak
@pytest.mark.parametrize("device", ["aer", *fake_names()])
def test_exact_and_aer_agree_on_every_device(device):
    """Nine joint distributions a device; each chi-square test raises a false alarm with probability 1e-6."""
    rng = np.random.default_rng(len(device))
    for ansatz in oracle.ENTANGLERS:
        for io, memory, steps in SIZES:
            template = Template(Neuron(io, memory, ansatz), steps)
            table = EvaluationTable(
                template,
                rng.uniform(0, np.pi, (1, *template.phi_shape)),
                rng.uniform(-2, 2, (1, *template.theta_shape)),
                shots=4_000,
            )
            try:
                aers = open_engine(device, seed=1).run(table)[0]
            except BackendError as error:
                pytest.skip(str(error))
            exact = "exact" if device == "aer" else f"exact:{device}"
            ours = open_engine(exact, seed=1).run(table)[0]
            assert_same_distribution(ours.reshape(4_000, -1), aers.reshape(4_000, -1))
