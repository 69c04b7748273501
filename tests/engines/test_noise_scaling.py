"""Templates whose noise is scaled, and calibrations, in every engine."""

import time
from itertools import product

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.providers.fake_provider import GenericBackendV2
from qiskit_aer.noise import amplitude_damping_error
from qiskit_aer.primitives import SamplerV2

from sqsq.circuits import device_circuit, limits, pack_neurons, used_qubits
from sqsq.engines import Placement, SamplerEngine, open_engine
from sqsq.engines.choice import BackendChoice
from sqsq.engines.circuit_sources import circuits_of
from sqsq.engines.device import Device, device_of
from sqsq.engines.device_program import DevicePrograms
from sqsq.engines.exact import ExactEngine
from sqsq.engines.exact.answers import joint, marginals, score
from sqsq.engines.exact.operations import Measure, step_operations
from sqsq.engines.fake import fake_backend, fake_circuit
from sqsq.engines.registry import open_hardware
from sqsq.engines.simulated import SimulatedCircuit
from sqsq.errors import BackendError, UsageError
from sqsq.fake_service import service as running_service
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, NoiseScale, Template
from sqsq.tables.scores import ScoreRequest
from tests import oracle
from tests.statistics import assert_same_distribution

ODD = [NoiseScale(3), NoiseScale(3, "two-qubit"), NoiseScale(3, readout=True)]


def random_table(template, rows=1, shots=1, seed=0):
    rng = np.random.default_rng(seed)
    phi = rng.uniform(0, np.pi, (rows, *template.phi_shape))
    theta = rng.uniform(-2, 2, (rows, *template.theta_shape))
    return EvaluationTable(template, phi, theta, shots)


def exact(device="", idle_noise=True):
    return ExactEngine("exact", circuits_of(device, idle_noise=idle_noise), 0)


@pytest.mark.parametrize("ansatz", oracle.ENTANGLERS)
@pytest.mark.parametrize("noise", [*ODD, NoiseScale(1.7), NoiseScale(5, "two-qubit", readout=True)], ids=str)
def test_without_errors_nothing_changes(ansatz, noise):
    for io, steps in ((1, 4), (2, 2)):
        plain = random_table(Template(Neuron(io, 1, ansatz), steps))
        scaled = EvaluationTable(Template(Neuron(io, 1, ansatz), steps, noise), plain.phi, plain.theta, 1)
        assert np.abs(joint(exact(), plain) - joint(exact(), scaled)).max() < 1e-9


@pytest.mark.matrix(keep=1)
@pytest.mark.parametrize(
    ("device", "io", "steps", "noise"),
    [
        ("fake_brisbane", 1, 4, NoiseScale(3)),
        ("fake_brisbane", 1, 4, NoiseScale(3, readout=True)),
        ("fake_brisbane", 1, 4, NoiseScale(2.3, "two-qubit")),
        ("fake_lagos", 2, 2, NoiseScale(3, readout=True)),
    ],
)
def test_exact_and_aer_agree_under_noise(device, io, steps, noise):
    """The joint distribution, all errors included; four chi-square tests, false alarm 1e-6 each."""
    table = random_table(Template(Neuron(io, 1), steps, noise), shots=5_000, seed=3)
    ours = open_engine(f"exact:{device}", seed=1).run(table)[0].reshape(table.shots, -1)
    aers = open_engine(device, seed=1).run(table)[0].reshape(table.shots, -1)
    assert_same_distribution(ours, aers)


def test_folded_angles_turn_several_times():
    """RX(phi), RX(-phi), RX(phi), each followed by a strong decay: a polynomial of degree 3, by hand."""
    decay = 0.3

    def prepare(template):
        errors = {("rx", (0,)): amplitude_damping_error(decay)}
        return SimulatedCircuit(circuits_of("", idle_noise=True)(template).circuit, errors)

    def spike_probability(phi):
        state = np.diag([1.0, 0.0]).astype(complex)
        kraus = np.diag([1, np.sqrt(1 - decay)]), np.array([[0, np.sqrt(decay)], [0, 0]])
        for angle in (phi, -phi, phi):
            c, s = np.cos(angle / 2), np.sin(angle / 2)
            turn = np.array([[c, -1j * s], [-1j * s, c]])
            state = turn @ state @ turn.conj().T
            state = sum(k @ state @ k.T for k in kraus)
        return state[1, 1].real

    phi = np.linspace(0.1, 3, 7)
    template = Template(Neuron(), 1, NoiseScale(3), calibration=True)
    table = EvaluationTable(template, phi[:, None, None], np.zeros((7, 1, 0)), 1)
    read = marginals(ExactEngine("exact", prepare, 0), table)[:, 0, 1]
    assert read == pytest.approx([spike_probability(angle) for angle in phi], abs=1e-12)


def test_qubits_decay_between_readings():
    """Three readings with a decay of 0.2 from 1 to 0 before each later one: all eight ways by hand."""
    decay, read = 0.2, np.array([[0.95, 0.05], [0.1, 0.9]])
    circuit = QuantumCircuit(1, 3)
    angle = Parameter("phi")
    circuit.rx(angle, 0)
    circuit.measure(0, 0)
    for bit in (1, 2):
        circuit.append(amplitude_damping_error(decay), [0])
        circuit.measure(0, bit)
    for _ in range(3):
        circuit.reset(0)
    (operations,) = step_operations(SimulatedCircuit(circuit, {}, {0: read}), [angle], 1, 1, readings=3)
    (measure,) = (operation for operation in operations if isinstance(operation, Measure))

    def odd(true, left):
        """P(the parity of so many readings is 1), the first of a qubit in a known state."""
        if left == 0:
            return 0.0
        later = odd(0, left - 1) if true == 0 else decay * odd(0, left - 1) + (1 - decay) * odd(1, left - 1)
        return read[true][0] * later + read[true][1] * (1 - later)

    for true, state in enumerate(([1, 0, 0, 1], [1, 0, 0, -1])):
        assert measure.effects @ state == pytest.approx([1 - odd(true, 3), odd(true, 3)], abs=1e-12)


@pytest.mark.parametrize("noise", ODD, ids=str)
def test_aer_runs_every_fold(noise):
    """What merges virtual turns leaves the gates that err."""
    engine = open_engine("fake_brisbane")
    counts = []
    for template in (Template(Neuron(), 3), Template(Neuron(), 3, noise)):
        engine.prepare(template)
        counts.append(engine._prepared[template].affine.circuit.count_ops())
    plain, folded = counts
    assert folded["ecr"] == 3 * plain["ecr"]
    assert folded["sx"] == (3 if noise.gates == "all" else 1) * plain["sx"]
    for name in ("measure", "reset"):
        assert folded[name] == noise.readings * plain[name]


@pytest.mark.parametrize("device", ["fake_brisbane", "fake_lagos"])
def test_folds_and_calibrations_run_on_the_neurons_qubits(device):
    """fake_lagos has no three qubits in a triangle, so the larger neuron moves its qubits about."""
    backend = fake_backend(device)
    template = Template(Neuron(2, 2) if device == "fake_lagos" else Neuron(), 3)
    plain = device_circuit(template, backend)

    def measured(circuit):
        return [
            circuit.find_bit(item.qubits[0]).index
            for item in circuit.data
            if item.operation.name == "measure"
        ]

    folded = device_circuit(Template(template.neuron, 3, NoiseScale(3)), backend)
    calibration = device_circuit(Template(template.neuron, 3, calibration=True), backend)
    assert used_qubits(folded) == used_qubits(plain)
    assert measured(folded) == measured(calibration) == measured(plain)
    assert set(used_qubits(calibration)) == set(measured(plain))


def test_groups_are_those_of_the_neuron():
    device = device_of(fake_backend("fake_nairobi"))
    templates = [
        Template(Neuron(), 2, calibration=True),
        Template(Neuron(), 2, NoiseScale(3, readout=True)),
        Template(Neuron(), 2),
    ]
    for placement in (Placement(), Placement(pack="off")):
        chosen = [DevicePrograms(device, placement).groups(template) for template in templates]
        together = DevicePrograms(device, placement)
        assert {together.groups(template) for template in templates} == set(chosen)
        assert len(set(chosen)) == 1


class Recording(SamplerV2):
    """Remembers what it is given."""

    def run(self, pubs, *, shots=None):
        self.pubs = list(pubs)
        return super().run(pubs, shots=shots)


@pytest.mark.parametrize("template", [Template(Neuron(), 3, noise) for noise in ODD], ids=str)
def test_samplers_get_every_fold_and_return_spikes(template):
    """Joint distributions on two ideal pairs; chi-square, false alarm 1e-6 for each of two rows."""
    couplings = [[0, 1], [1, 0], [2, 3], [3, 2]]
    target = GenericBackendV2(4, coupling_map=couplings, noise_info=False).target
    sampler = Recording(seed=7)
    engine = SamplerEngine(sampler, target, placement=Placement(pack="auto"))
    table = random_table(template, rows=2, shots=4_000)
    spikes = engine.run(table)
    counts = sampler.pubs[0][0].count_ops()
    once = pack_neurons(template.plain, Device("device", target), engine._programs.groups(template)).circuit
    assert counts["cx"] == 3 * once.count_ops()["cx"]
    assert (
        counts["measure"]
        == template.noise.readings * once.count_ops()["measure"]
        == sampler.pubs[0][0].num_clbits
    )
    reference = open_engine("exact", seed=8).run(random_table(template.plain, rows=2, shots=4_000))
    for row in range(2):
        assert_same_distribution(spikes[row].reshape(4_000, -1), reference[row].reshape(4_000, -1))


def test_hardware_gets_every_fold(fake_service, monkeypatch):
    """The circuit that arrives at the service, through the real client, and the way back."""
    arrived = []

    def read(params):
        program = read_program(params)
        arrived.append(program.items[0].circuit.count_ops())
        return program

    read_program = running_service.read_program
    monkeypatch.setattr(running_service, "read_program", read)
    engine = open_hardware(BackendChoice("ibm_brisbane", placement=Placement(pack=2)))
    for template in (Template(Neuron(), 2), Template(Neuron(), 2, NoiseScale(3, readout=True))):
        table = EvaluationTable(template, np.full((2, 2, 1), np.pi), np.zeros((2, 2, 3)), 50)
        job = engine.submit(table, f"tag-{template.noise.scale:g}")
        while engine.report(job).state not in ("done", "failed"):
            time.sleep(0.05)
        spikes = engine.fetch(job, table)
        assert spikes.shape == (2, 50, 2, 1)
        assert spikes.mean() > 0.7
    engine.close()
    plain, folded = arrived
    for name in ("ecr", "sx", "measure", "reset"):
        assert folded[name] == 3 * plain[name]


def test_circuits_that_exceed_a_job_say_what_to_change(monkeypatch):
    programs = DevicePrograms(device_of(fake_backend("fake_nairobi")), Placement(pack="off"))
    template = Template(Neuron(), 2, NoiseScale(31, readout=True))
    monkeypatch.setattr(limits, "MAX_INSTRUCTIONS", 1_500)
    assert programs.rows_per_job(template.plain, 1, 60.0)
    with pytest.raises(
        BackendError, match=r"control instructions of a qubit: [\d,]+ of 1,500: .*noise scale"
    ):
        programs.rows_per_job(template, 1, 60.0)


@pytest.mark.parametrize("device", ["fake_brisbane", "fake_lagos"])
def test_calibrations_measure_the_readout_errors(device):
    """Two sx and a readout: the error of the RX is below 2e-3 here, that of the reading 5e-3 and more."""
    neuron = Neuron(2, 1) if device == "fake_lagos" else Neuron()
    template = Template(neuron, 3, calibration=True)
    simulated = fake_circuit(template, fake_backend(device), idle_noise=True)
    prepared = np.array([np.zeros(template.phi_shape), np.full(template.phi_shape, np.pi)])
    table = EvaluationTable(template, prepared, np.zeros((2, *template.theta_shape)), 1)
    patterns = marginals(exact(device), table)
    for item in simulated.circuit.data:
        if item.operation.name != "measure":
            continue
        step, n = divmod(simulated.circuit.find_bit(item.clbits[0]).index, neuron.io_qubits)
        confusion = simulated.readout(simulated.circuit.find_bit(item.qubits[0]).index)
        spiking = [pattern for pattern in range(patterns.shape[-1]) if pattern >> n & 1]
        assert np.abs(patterns[:, step, spiking].sum(axis=-1) - confusion[:, 1]).max() < 2e-3
        assert confusion[0, 1] > 5e-3


def parity_probability(confusion, true, readings):
    """P(an odd number of ones is read), by going through all readings."""
    return sum(
        np.prod([confusion[true][bit] for bit in bits])
        for bits in product((0, 1), repeat=readings)
        if sum(bits) % 2
    )


@pytest.mark.parametrize("readings", [1, 3, 5])
@pytest.mark.parametrize("errors", [(0.03, 0.03), (0.01, 0.08)])
def test_parity_of_readings(readings, errors):
    """Exact engine, ideal gates, readout error only."""
    confusion = np.array([[1 - errors[0], errors[0]], [errors[1], 1 - errors[1]]])

    def prepare(template):
        return SimulatedCircuit(circuits_of("", idle_noise=True)(template).circuit, {}, {0: confusion})

    template = Template(Neuron(), 2, NoiseScale(readings, readout=True), calibration=True)
    prepared = np.array([np.zeros((2, 1)), np.full((2, 1), np.pi)])
    table = EvaluationTable(template, prepared, np.zeros((2, 2, 0)), 1)
    read = marginals(ExactEngine("exact", prepare, 0), table)[..., 1]
    for true in (0, 1):
        assert read[true] == pytest.approx(parity_probability(confusion, true, readings), abs=1e-12)
    if errors[0] == errors[1]:
        assert read[0] == pytest.approx((1 - (1 - 2 * errors[0]) ** readings) / 2, abs=1e-12)


@pytest.mark.parametrize("kind", [("all", False), ("two-qubit", False), ("all", True)])
def test_noise_grows_with_the_scale(kind):
    """By about as much as the scale: the errors of gates and readings are small, and add up."""
    plain = random_table(Template(Neuron(ansatz="memory-controlled"), 4), rows=5)
    constant = np.broadcast_to(plain.theta[:1, :1], plain.theta.shape)
    truth = marginals(exact(), EvaluationTable(plain.template, plain.phi, constant, 1))
    engine = exact("fake_brisbane")
    errors = []
    for scale in (1, 2, 3) if not kind[1] else (1, 3):
        template = Template(plain.template.neuron, 4, NoiseScale(scale, *kind))
        scaled = EvaluationTable(template, plain.phi, constant, 1)
        errors.append(np.abs(marginals(engine, scaled) - truth).mean())
    assert errors == sorted(errors)
    assert 1.5 * errors[0] < errors[-1] < 3.5 * errors[0]


def test_exact_derivatives_of_folded_angles_are_refused():
    table = random_table(Template(Neuron(), 2, NoiseScale(3)))
    request = ScoreRequest(table, np.zeros((1, 2, 1), np.uint8), np.ones((1, 2)), given_past=False)
    with pytest.raises(UsageError, match="exact derivatives at noise scale 3: only at 1"):
        score(exact(), request)


def test_exact_derivatives_of_a_calibration():
    """p = sin^2(phi/2): the derivative of log p by phi is cot(phi/2); there is no theta."""
    template = Template(Neuron(), 2, calibration=True)
    phi = np.array([[[0.7], [2.0]]])
    table = EvaluationTable(template, phi, np.zeros((1, 2, 0)), 1)
    request = ScoreRequest(table, np.ones((1, 2, 1), np.uint8), np.ones((1, 2)), given_past=False)
    scores = score(exact(), request)
    assert scores.by_phi == pytest.approx(1 / np.tan(phi / 2), abs=1e-12)
    assert scores.by_theta.shape == (1, 2, 0)
