import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.quantum_info import SuperOp
from qiskit.transpiler.passmanager import PassManager
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel
from qiskit_ibm_runtime.transpiler.passes.scheduling import ALAPScheduleAnalysis, PadDelay

from sqsq.circuits import (
    cut_circuit,
    cut_target,
    neuron_circuit,
    spikes_from_hex,
    transpile_for_device,
    used_qubits,
)
from sqsq.engines import open_engine
from sqsq.engines.aer import noise_model
from sqsq.engines.fake import fake_backend, fake_names
from sqsq.engines.noise import with_device_errors
from sqsq.errors import BackendError
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, Template
from tests import oracle
from tests.statistics import assert_drawn_from, assert_same_distribution


@pytest.fixture(scope="module")
def whole_noise():
    return NoiseModel.from_backend(fake_backend("fake_lagos"))


def test_cut_noise_equals_that_of_the_whole_device(whole_noise):
    qubits = (3, 5)
    cut = with_device_errors(QuantumCircuit(2), cut_target(fake_backend("fake_lagos").target, qubits))
    compared = 0
    for name, errors in whole_noise._local_quantum_errors.items():
        for where, error in errors.items():
            if set(where) <= set(qubits):
                (ours,) = cut.errors(name, tuple(qubits.index(q) for q in where))
                assert np.allclose(SuperOp(ours).data, SuperOp(error).data)
                compared += 1
    assert compared >= 8
    for physical, renumbered in ((3, 0), (5, 1)):
        assert np.allclose(
            cut.readout(renumbered), whole_noise._local_readout_errors[(physical,)].probabilities
        )
    assert noise_model(cut).noise_instructions == whole_noise.noise_instructions


@pytest.mark.parametrize("idle_noise", [False, True])
def test_spikes_are_those_of_the_whole_device(whole_noise, idle_noise):
    """The same circuit on the whole device with NoiseModel.from_backend. False alarm 1e-6 each."""
    backend = fake_backend("fake_lagos")
    template = Template(Neuron(), 4)
    rng = np.random.default_rng(0)
    table = EvaluationTable(
        template, rng.uniform(0, 3, (1, 4, 1)), rng.uniform(-2, 2, (1, 4, 3)), shots=15_000
    )
    ours = open_engine("fake_lagos", seed=1, idle_noise=idle_noise).run(table)[0].reshape(-1, 4)
    compiled = neuron_circuit(template)
    device = transpile_for_device(compiled.circuit, backend)
    if idle_noise:
        passes = [ALAPScheduleAnalysis(target=backend.target), PadDelay(target=backend.target)]
        device = PassManager(passes).run(device)
    bound = device.assign_parameters(
        dict(zip((*compiled.phi, *compiled.theta), table.values()[0], strict=True))
    )
    simulator = AerSimulator(noise_model=whole_noise, method="statevector")
    memory = simulator.run(bound, shots=15_000, memory=True, seed_simulator=7).result().get_memory()
    theirs = spikes_from_hex([hex(int(word, 2)) for word in memory], 4, 1).reshape(-1, 4)
    assert_same_distribution(ours, theirs)


def test_noise_and_idle_noise_change_the_distribution():
    """An excitation is stored in the memory in the first step and read in the last."""
    template = Template(Neuron(), 10)
    phi = np.zeros((1, 10, 1))
    phi[0, 0] = np.pi
    theta = np.zeros((1, 10, 3))
    theta[0, [0, -1], 0] = np.pi / 2
    table = EvaluationTable(template, phi, theta, shots=4_000)
    spikes = {
        name: open_engine(backend, seed=0, **options).run(table)[0, :, :, 0]
        for name, backend, options in (
            ("ideal", "aer", {}),
            ("gates", "fake_brisbane", {"idle_noise": False}),
            ("idle", "fake_brisbane", {}),
        )
    }
    for first, second in (("ideal", "gates"), ("gates", "idle")):
        with pytest.raises(AssertionError, match="chi-square"):
            assert_same_distribution(spikes[first], spikes[second])
    assert (spikes["ideal"] == [0] * 9 + [1]).all()
    assert spikes["gates"][:, -1].mean() - spikes["idle"][:, -1].mean() > 0.05


@pytest.mark.slow
def test_every_fake_backend_runs_or_says_why_not():
    template = Template(Neuron(), 2)
    refused = {}
    for name in fake_names():
        try:
            open_engine(name).prepare(template)
        except BackendError as error:
            refused[name] = str(error)
    without_durations = {name for name, why in refused.items() if "--no-idle-noise" in why}
    assert set(refused) - without_durations == {"fake_armonk", "fake_berlin", "fake_melbourne", "fake_miami"}
    assert len(without_durations) <= 15
    for name in without_durations:
        open_engine(name, idle_noise=False).prepare(template)
    assert len(fake_names()) - len(refused) >= 45


def test_neurons_that_need_swaps_run():
    """Two io and two memory qubits form a ring that heavy hexagons do not hold. False alarm 1e-6."""
    template = Template(Neuron(2, 2), 2)
    compiled = neuron_circuit(template)
    device = transpile_for_device(compiled.circuit, fake_backend("fake_brisbane"))
    assert len(used_qubits(device)) >= 4
    table = EvaluationTable(
        template,
        np.random.default_rng(0).uniform(0, 3, (1, 2, 2)),
        np.random.default_rng(1).uniform(-2, 2, (1, 2, 8)),
        shots=20_000,
    )
    small = cut_circuit(device, used_qubits(device)).assign_parameters(
        dict(zip((*compiled.phi, *compiled.theta), table.values()[0], strict=True))
    )
    memory = AerSimulator(method="statevector").run(small, shots=20_000, memory=True, seed_simulator=3)
    routed = spikes_from_hex([hex(int(w, 2)) for w in memory.result().get_memory()], 2, 2)
    exact = oracle.joint("partial-swap", 2, 2, table.phi[0], table.theta[0])
    assert_drawn_from(routed.reshape(20_000, -1), exact)
    noisy = open_engine("fake_brisbane", seed=1).run(
        EvaluationTable(template, table.phi, table.theta, shots=50)
    )
    assert noisy.shape == (1, 50, 2, 2)
