"""Long trains and several io qubits: the bits of a uniform number must not run out.

Every z-score lies within 6.5 standard errors: a false alarm of 8e-11 each, below 1e-6 for all of them.
"""

import numpy as np
import pytest

from sqsq.engines.circuit_sources import circuits_of
from sqsq.engines.exact import ExactEngine, marginals
from sqsq.engines.exact.answers import matrices_of
from sqsq.engines.exact.stream import steps_per_draw
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, Template
from tests import oracle
from tests.statistics import assert_drawn_from

HALF = np.pi / 2


def engine(device="", fast=None):
    return ExactEngine("exact", circuits_of(device, idle_noise=False), 0, fast=fast)


def table_of(neuron, steps, phi, theta, shots, rows=1):
    template = Template(neuron, steps)
    return EvaluationTable(
        template,
        np.broadcast_to(phi, (rows, *template.phi_shape)),
        np.broadcast_to(theta, (rows, *template.theta_shape)),
        shots,
    )


def assert_frequencies(counts, shots, probabilities):
    """Counts of binomial draws of so many shots."""
    error = np.sqrt(np.maximum(shots * probabilities * (1 - probabilities), 1e-3))
    assert np.abs((counts - shots * probabilities) / error).max() < 6.5


def assert_windows(spikes, neuron, phi, theta, first_steps, length):
    """The joint distribution of neighbouring steps from each of some on, whatever came before."""
    before = oracle.memory_before(neuron.ansatz, neuron.io_qubits, neuron.memory_qubits, phi, theta)
    for first in first_steps:
        window = slice(first, first + length)
        exact = oracle.joint(
            neuron.ansatz, neuron.io_qubits, neuron.memory_qubits, phi[window], theta, before[first]
        )
        assert_drawn_from(spikes[:, window].reshape(len(spikes), -1), exact)


@pytest.mark.matrix(keep=1)
@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("phi", [HALF, -HALF, np.pi / 3])
def test_500_steps_of_a_constant_probability(phi, fast):
    """Every step, and every pair of steps 1 to 25 apart, across all draws: spikes are independent."""
    shots = 4_000
    spikes = engine(fast=fast).run(table_of(Neuron(ansatz="io-controlled"), 500, phi, 0.0, shots))[0, :, :, 0]
    probability = np.sin(phi / 2) ** 2
    assert_frequencies(spikes.sum(axis=0), shots, np.full(500, probability))
    for lag in range(1, 26):
        both = (spikes[:, lag:] & spikes[:, :-lag]).sum(axis=0)
        assert_frequencies(both, shots, np.full(500 - lag, probability**2))


@pytest.mark.matrix(keep=1)
@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("ansatz", oracle.ENTANGLERS)
def test_500_steps_with_memory(ansatz, fast):
    """Windows of four steps across every tenth draw and the end: 14 chi-square tests of false alarm 1e-6."""
    rng = np.random.default_rng(1)
    phi, theta = rng.uniform(0, np.pi, (500, 1)), np.array([0.9, 0.3, -0.6])
    spikes = engine(fast=fast).run(table_of(Neuron(ansatz=ansatz), 500, phi, theta, 10_000))[0]
    every = steps_per_draw(1)
    crossing = [*range(every - 2, 500, 10 * every), *range(every - 3, 500, 12 * every), 496]
    assert_windows(spikes, Neuron(ansatz=ansatz), phi, theta, crossing[:14], 4)


@pytest.mark.parametrize("fast", [False, True])
def test_memory_that_outlasts_draws(fast):
    """Pairs of spikes 1 to 24 steps apart of a neuron that remembers, against its exact joint."""
    steps, shots = 25, 200_000
    phi, theta = np.full((steps, 1), 0.4), np.array([0.25, 0.05, 0.0])
    spikes = engine(fast=fast).run(table_of(Neuron(), steps, phi, theta, shots))[0, :, :, 0]
    for lag in (1, 4, 9, 10, 11, 15, 24):
        for first in (0, 8, 9, 10, 19):
            if first + lag >= steps:
                continue
            exact = pair_of_spikes(phi, theta, first, first + lag)
            counts = np.bincount(2 * spikes[:, first] + spikes[:, first + lag], minlength=4)
            assert_frequencies(counts, shots, exact)


def pair_of_spikes(phi, theta, first, second):
    """P(s, s') of two steps of a partial-swap neuron, shape (4,): what is between is summed over."""
    found = []
    start = oracle.memory_before("partial-swap", 1, 1, phi[: first + 1], theta)[first]
    unitary = oracle.step_unitary("partial-swap", 1, 1, phi[first], theta)
    after = (unitary @ np.kron(np.diag([1.0, 0.0]), start) @ unitary.conj().T).reshape(2, 2, 2, 2)
    for spike in (0, 1):
        state = after[spike, :, spike, :]
        for t in range(first + 1, second):
            step = oracle.step_unitary("partial-swap", 1, 1, phi[t], theta)
            whole = (step @ np.kron(np.diag([1.0, 0.0]), state) @ step.conj().T).reshape(2, 2, 2, 2)
            state = np.einsum("xaxb->ab", whole)
        found += oracle.joint("partial-swap", 1, 1, phi[second : second + 1], theta, state).tolist()
    return np.array(found)


@pytest.mark.matrix(keep=2)
@pytest.mark.parametrize("io", [2, 3, 4])
@pytest.mark.parametrize("constant", [True, False])
def test_60_steps_of_several_io_qubits(io, constant):
    """Each step, and pairs of neighbouring steps across draws, against the joint distribution."""
    rng = np.random.default_rng(io)
    neuron = Neuron(io, 1)
    angles = len(neuron.angles)
    phi = np.full((60, io), HALF) if constant else rng.uniform(0, np.pi, (60, io))
    theta = np.zeros(angles) if constant else rng.uniform(-1, 1, angles)
    spikes = engine().run(table_of(neuron, 60, phi, theta, 20_000))[0]
    before = oracle.memory_before("partial-swap", io, 1, phi, theta)
    for t in range(60):
        exact = oracle.joint("partial-swap", io, 1, phi[t : t + 1], theta, before[t])
        assert_drawn_from(spikes[:, t], exact)
    every = steps_per_draw(io)
    assert_windows(spikes, neuron, phi, theta, [*range(every - 1, 59, every), 58], 2)


def test_rare_patterns_of_four_io_qubits():
    """Each of 16 patterns, of 1e-4 to 0.2; the rarest: all four spike."""
    io, steps, shots = 4, 30, 100_000
    neuron = Neuron(io, 1, "io-controlled")
    angle = 2 * np.arcsin(np.sqrt([0.1, 0.1, 0.1, 0.1]))
    theta = np.zeros(len(neuron.angles))
    spikes = engine().run(table_of(neuron, steps, np.tile(angle, (steps, 1)), theta, shots))[0]
    pattern = (spikes.astype(int) << np.arange(io)).sum(axis=-1)
    bits = (np.arange(16)[:, None] >> np.arange(io)) & 1
    exact = (0.1**bits * 0.9 ** (1 - bits)).prod(axis=1)
    counts = np.bincount(pattern.ravel(), minlength=16)
    assert_frequencies(counts, steps * shots, exact)


@pytest.mark.matrix(keep=1)
@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("device", ["fake_brisbane", "fake_torino"])
def test_300_noisy_steps(device, fast):
    """Each step and each pair of steps 1, 2 and 10 apart, from products of the instruments alone."""
    shots, steps = 5_000, 300
    table = table_of(Neuron(), steps, np.full((steps, 1), HALF), np.array([0.8, 0.2, 0.4]), shots)
    own = engine(device, fast)
    spikes = own.run(table)[0, :, :, 0]
    assert_frequencies(spikes.sum(axis=0), shots, marginals(own, table)[0, :, 1])
    ((_, matrices),) = matrices_of(own, table)
    for lag in (1, 2, 10):
        exact = np.empty(steps - lag)
        state = np.eye(4)[0]
        for t in range(steps - lag):
            spiked = matrices[0, t, 1] @ state
            for between in range(t + 1, t + lag):
                spiked = matrices[0, between].sum(axis=0) @ spiked
            exact[t] = matrices[0, t + lag, 1, 0] @ spiked
            state = matrices[0, t].sum(axis=0) @ state
        both = (spikes[:, lag:] & spikes[:, :-lag]).sum(axis=0)
        assert_frequencies(both, shots, exact)


@pytest.mark.matrix(keep=3)
@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize(
    ("ansatz", "phi", "theta", "spike"),
    [
        ("partial-swap", 0.0, (0.9, 0.0, 0.0), 0),
        ("partial-swap", -0.0, (2.3, 0.0, 0.0), 0),
        ("partial-swap", 0.0, (0.9, np.pi, 0.0), 1),
        ("memory-controlled", np.pi, (0.9, 0.0, 0.0), 1),
        ("memory-controlled", -np.pi, (0.9, 0.0, 0.0), 1),
        ("memory-controlled", 0.7, (1.1, -0.7, 0.0), 0),
        ("io-controlled", 0.0, (0.9, 0.0, 0.4), 0),
        ("io-controlled", 0.7, (0.0, -0.7, 1.3), 0),
        ("io-controlled", 0.7, (0.0, np.pi - 0.7, 1.3), 1),
        ("io-controlled", 1e3, (0.0, -1e3, 1.3), 0),
    ],
)
def test_what_is_certain_is_certain(ansatz, phi, theta, spike, fast):
    table = table_of(Neuron(ansatz=ansatz), 500, phi, np.array(theta), 2_000)
    assert (engine(fast=fast).run(table) == spike).all()


@pytest.mark.parametrize("fast", [False, True])
def test_certain_and_even_steps_in_turn(fast):
    """A half meets u exactly every so often; the silent step after it stays silent."""
    phi = np.tile([HALF, 0.0, np.pi, HALF, HALF], 100)[:, None]
    spikes = engine(fast=fast).run(table_of(Neuron(ansatz="io-controlled"), 500, phi, 0.0, 4_000))
    assert not spikes[:, :, 1::5].any()
    assert spikes[:, :, 2::5].all()
    assert_frequencies(spikes[0, :, 0::5, 0].sum(axis=0), 4_000, np.full(100, 0.5))


@pytest.mark.parametrize("io", [2, 3, 4])
def test_certain_patterns_of_several_io_qubits(io):
    """Each pattern in turn, eight times."""
    steps = 8 * 2**io
    bits = (np.arange(steps)[:, None] >> np.arange(io)) & 1
    neuron = Neuron(io, 1, "io-controlled")
    theta = np.zeros(len(neuron.angles))
    spikes = engine().run(table_of(neuron, steps, np.pi * bits, theta, 300))
    assert np.array_equal(spikes, np.broadcast_to(bits, spikes.shape))


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize(("offset", "rare"), [(0.0, 1), (np.pi, 0)])
def test_rare_spikes_are_as_rare_as_they_should_be(offset, rare, fast):
    """Probability 1e-5 a step, 200 expected: 6.5 standard errors."""
    angle = 2 * np.arcsin(np.sqrt(1e-5))
    table = table_of(Neuron(ansatz="io-controlled"), 100, offset + angle, 0.0, 1_000, rows=200)
    found = (engine(fast=fast).run(table) == rare).sum()
    assert_frequencies(np.array(found), 20_000_000, np.array(1e-5))


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("phi", [1e3, -1e3, 1e6, 1e9, -1e9, 2.0**31, 1e16, 1e300, -1e300, 5e-324])
def test_currents_of_any_size(phi, fast):
    """The probability of a spike is that of cos(phi), to 1e-14, and its frequency follows."""
    table = table_of(Neuron(ansatz="io-controlled"), 20, phi, 0.0, 2_000, rows=50)
    exact = 0.5 - 0.5 * np.cos(phi)
    assert marginals(engine(), table)[..., 1] == pytest.approx(exact, abs=1e-14, rel=0)
    assert_frequencies(engine(fast=fast).run(table).sum(), 2_000_000, np.array(exact))


@pytest.mark.parametrize("size", [1e3, 1e9, 1e16, 1e300, 1.5e308])
def test_angles_of_any_size(size):
    """Instruments at huge theta are those at its remainder, from integers."""
    table = table_of(Neuron(ansatz="io-controlled"), 3, 0.0, np.array([0.4, -size, 0.9]), 1)
    assert marginals(engine(), table)[..., 1] == pytest.approx(0.5 - 0.5 * np.cos(size), abs=1e-12)
    for ansatz in oracle.ENTANGLERS:
        turning = table_of(Neuron(ansatz=ansatz), 3, 1.0, np.array([size, 0.2, 0.3]), 1)
        half = np.array([np.arctan2(np.sin(size / 2), np.cos(size / 2)) * 2, 0.2, 0.3])
        same = table_of(Neuron(ansatz=ansatz), 3, 1.0, half, 1)
        assert marginals(engine(), turning) == pytest.approx(marginals(engine(), same), abs=1e-12)


@pytest.mark.parametrize("fast", [False, True])
def test_tables_of_any_type_and_order(fast):
    template = Template(Neuron(), 12)
    rng = np.random.default_rng(0)
    phi = rng.uniform(0, np.pi, (70, 12, 1)).astype(np.float16).astype(float)
    theta = rng.uniform(-1, 1, (70, 12, 3)).astype(np.float16).astype(float)
    plain = engine(fast=fast).run(EvaluationTable(template, phi, theta, 3))
    frozen = phi.copy()
    frozen.flags.writeable = False
    for kind in (
        lambda a: a.astype(np.float16),
        lambda a: a.astype(np.float32),
        lambda a: a.astype(">f8"),
        np.asfortranarray,
        lambda a: np.repeat(a, 2, axis=0)[::2],
        lambda a: a[::-1].copy()[::-1],
    ):
        table = EvaluationTable(template, kind(phi), kind(theta), 3)
        assert np.array_equal(engine(fast=fast).run(table), plain)
    assert np.array_equal(engine(fast=fast).run(EvaluationTable(template, frozen, theta, 3)), plain)
