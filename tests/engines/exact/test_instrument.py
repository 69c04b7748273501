from fractions import Fraction

import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Gate, Parameter

from sqsq.circuits import neuron_circuit
from sqsq.engines.circuit_sources import circuits_of
from sqsq.engines.exact import ExactEngine
from sqsq.engines.exact import instrument as instrument_module
from sqsq.engines.exact.instrument import polynomial_basis, turn_by
from sqsq.engines.exact.operations import Turn, step_operations
from sqsq.engines.simulated import SimulatedCircuit
from sqsq.errors import BackendError
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, Template
from tests import oracle


def arc_of_inverse(number, places=400):
    """The angle whose tangent is 1 / number, by its series."""
    scale = 10**places
    return Fraction(
        sum((-1) ** k * (scale // number ** (2 * k + 1)) // (2 * k + 1) for k in range(2 * places)), scale
    )


TURN = 8 * (4 * arc_of_inverse(5) - arc_of_inverse(239))


def joint_of_instruments(bank, index, phi):
    """The joint distribution by multiplying out the instruments of one row; shape (2**N,) * T."""
    vectors = {(): np.eye(bank.shape[-1])[0]}
    for t, basis in enumerate(polynomial_basis(phi)):
        matrices = np.einsum("f,ofij->oij", basis, bank[index[0, t]])
        vectors = {(*s, o): matrices[o] @ v for s, v in vectors.items() for o in range(len(matrices))}
    result = np.zeros((bank.shape[1],) * len(phi))
    for spikes, vector in vectors.items():
        result[spikes] = vector[0]
    return result


@pytest.mark.parametrize("ansatz", oracle.ENTANGLERS)
@pytest.mark.parametrize(("io", "memory", "steps"), [(1, 1, 4), (2, 1, 2), (1, 2, 3), (2, 2, 2)])
def test_products_of_matrices_are_exactly_the_oracles_joint(ansatz, io, memory, steps):
    template = Template(Neuron(io, memory, ansatz), steps)
    rng = np.random.default_rng(0)
    phi = rng.uniform(0, np.pi, (1, *template.phi_shape))
    theta = rng.uniform(-2, 2, (1, *template.theta_shape))
    engine = ExactEngine("exact", circuits_of("", idle_noise=True), 0)
    bank, index = engine.instruments(EvaluationTable(template, phi, theta, 1), slice(None))
    ours = joint_of_instruments(bank, index, phi[0])
    exact = oracle.joint(ansatz, io, memory, phi[0], theta[0])
    order = [t * io + n for t in range(steps) for n in reversed(range(io))]  # bit n is io qubit n
    assert np.abs(ours.ravel() - exact.transpose(order).ravel()).max() < 1e-12


@pytest.mark.parametrize("device", ["fake_brisbane", "fake_kingston"])
def test_noisy_instruments_keep_probability(device):
    template = Template(Neuron(2, 1), 3)
    rng = np.random.default_rng(1)
    phi = rng.uniform(0, np.pi, (1, 3, 2))
    theta = rng.uniform(-2, 2, (1, 3, 5))
    engine = ExactEngine(device, circuits_of(device, idle_noise=True), 0)
    bank, index = engine.instruments(EvaluationTable(template, phi, theta, 1), slice(None))
    distribution = joint_of_instruments(bank, index, phi[0])
    assert distribution.min() > 0
    assert distribution.sum() == pytest.approx(1, abs=1e-12)


def test_most_steps_share_their_instruments():
    template = Template(Neuron(), 10)
    engine = ExactEngine("fake_brisbane", circuits_of("fake_brisbane", idle_noise=True), 0)
    table = EvaluationTable(template, np.zeros((5, 10, 1)), np.zeros((5, 10, 3)), 1)
    bank, index = engine.instruments(table, slice(None))
    assert len(bank) <= 3
    assert len(set(index[0, 1:-1])) == 1


@pytest.mark.slow
def test_many_instruments_are_built_in_parts(monkeypatch):
    template = Template(Neuron(), 2)
    theta = np.random.default_rng(0).uniform(-2, 2, (300, 2, 3))
    table = EvaluationTable(template, np.zeros((300, 2, 1)), theta, 1)
    found = []
    for working in (2**26, 100_000, 1):
        monkeypatch.setattr(instrument_module, "_WORKING", working)
        engine = ExactEngine("exact", circuits_of("", idle_noise=True), 0)
        found.append(engine.instruments(table, slice(None))[0])
    assert found[1] == pytest.approx(found[0], abs=1e-15)
    assert found[2] == pytest.approx(found[0], abs=1e-15)
    assert len(found[0]) == 1200


def test_polynomial_basis():
    basis = polynomial_basis(np.array([[0.3, 0.5]]))
    one, other = ([1, np.cos(a), np.sin(a)] for a in (0.3, 0.5))
    assert basis == pytest.approx(np.outer(one, other).reshape(1, 9))


@pytest.mark.parametrize("phi", [0.3, -2.0, 1e6, 1e9])
def test_polynomial_basis_of_a_higher_degree_and_its_slope(phi):
    basis = polynomial_basis(np.array([phi]), 3)
    assert basis[:3] == pytest.approx([1, np.cos(phi), np.sin(phi)], abs=1e-15)
    z = complex(np.cos(phi), np.sin(phi))
    assert basis[3:] == pytest.approx([(z**2).real, (z**2).imag, (z**3).real, (z**3).imag], abs=1e-14)
    slope = [0, -z.imag, z.real, -2 * (z**2).imag, 2 * (z**2).real, -3 * (z**3).imag, 3 * (z**3).real]
    assert polynomial_basis(np.array([phi]), 3, by=0) == pytest.approx(slope, abs=1e-14)


def test_slope_by_one_of_two_angles():
    phi = np.array([0.3, 0.5])
    found = polynomial_basis(phi, by=1)
    assert found == pytest.approx(
        np.outer([1, np.cos(0.3), np.sin(0.3)], [0, -np.sin(0.5), np.cos(0.5)]).ravel()
    )


@pytest.mark.parametrize("slope", [0.5, -0.5, 1.0, 2.0, -3.0, 7.25])
@pytest.mark.parametrize("angle", [0.7, -1e3, 1.7e308])
def test_gates_turn_by_multiples_of_any_angle(slope, angle):
    """Against arithmetic with 400 digits of pi, offset included: to 1e-14."""
    turn = Turn((0,), np.zeros((3, 4, 4)), np.array([slope, 0.0]), 0.4)
    cosine, sine = turn_by(turn, np.array([[angle, 5.0]]))
    whole = Fraction(slope) * Fraction(angle)
    left = float(whole - round(whole / TURN) * TURN)
    assert cosine[0] == pytest.approx(np.cos(left + 0.4), abs=1e-14)
    assert sine[0] == pytest.approx(np.sin(left + 0.4), abs=1e-14)


class FastTurn(Gate):
    """Turns by three times its angle."""

    def __init__(self, angle):
        super().__init__("fast", 1, [angle])

    def __array__(self, dtype=None, copy=None):
        half = 1.5 * float(self.params[0])
        return np.array([[np.cos(half), -1j * np.sin(half)], [-1j * np.sin(half), np.cos(half)]])


def test_currents_that_are_not_encoded_by_rx_are_refused():
    phi = Parameter("phi")
    circuit = QuantumCircuit(2, 1)
    circuit.append(FastTurn(phi), [0])
    circuit.measure(0, 0)
    circuit.reset(0)
    with pytest.raises(BackendError, match="a fast gate oscillates faster than its angle: use aer"):
        step_operations(SimulatedCircuit(circuit), [phi], 1, 1)


def test_gates_with_several_angles_are_refused():
    phi = Parameter("phi")
    circuit = QuantumCircuit(2, 1)
    circuit.u(phi, 0.1, 0.2, 0)
    with pytest.raises(BackendError, match="a u gate has several angles"):
        step_operations(SimulatedCircuit(circuit), [phi], 1, 1)


def test_compiled_circuits_have_one_list_of_operations_a_step():
    template = Template(Neuron(), 4)
    compiled = neuron_circuit(template)
    simulated = circuits_of("fake_brisbane", idle_noise=True)(template)
    assert len(step_operations(simulated, (*compiled.phi, *compiled.theta), 4, 1)) == 4
