import numpy as np
import pytest

from sqsq.circuits import neuron_circuit
from sqsq.engines import open_engine
from sqsq.engines.circuit_sources import circuits_of
from sqsq.engines.exact import ExactEngine
from sqsq.engines.exact import engine as engine_module
from sqsq.engines.exact import instrument as instrument_module
from sqsq.engines.exact.stream import STREAM, draw_uniforms
from sqsq.errors import BackendError
from sqsq.model import Neuron
from sqsq.tables import EvaluationTable, Template
from tests import oracle
from tests.engines.exact.kernel_tables import kernel_tables
from tests.statistics import assert_drawn_from, assert_same_distribution


def random_table(template, rows, shots, seed, key=()):
    rng = np.random.default_rng(seed)
    phi = rng.uniform(0, np.pi, (rows, *template.phi_shape))
    theta = rng.uniform(-2, 2, (rows, *template.theta_shape))
    return EvaluationTable(template, phi, theta, shots, key)


def engine(name, fast=None, seed=0):
    return ExactEngine(name, circuits_of(name.partition(":")[2], idle_noise=True), seed, fast=fast)


@pytest.mark.matrix(keep=6)
@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("ansatz", oracle.ENTANGLERS)
@pytest.mark.parametrize(("io", "memory", "steps"), [(1, 1, 5), (2, 1, 2), (1, 2, 4), (2, 2, 2)])
def test_joint_distribution_is_the_oracles(ansatz, io, memory, steps, fast):
    """Each of the 48 chi-square tests raises a false alarm with probability 1e-6."""
    template = Template(Neuron(io, memory, ansatz), steps)
    table = random_table(template, rows=2, shots=50_000, seed=steps)
    spikes = engine("exact", fast).run(table)
    for row in range(2):
        exact = oracle.joint(ansatz, io, memory, table.phi[row], table.theta[row])
        assert_drawn_from(spikes[row].reshape(table.shots, -1), exact)


@pytest.mark.matrix(keep=1)
@pytest.mark.parametrize(
    ("device", "io", "memory", "steps"),
    [
        ("fake_brisbane", 1, 1, 8),
        ("fake_torino", 1, 1, 8),
        ("fake_lagos", 2, 1, 3),
        ("fake_lagos", 1, 2, 4),
        ("fake_brisbane", 2, 2, 2),  # needs swaps
    ],
)
def test_joint_distribution_is_aers_under_noise(device, io, memory, steps):
    """Gate, readout, reset and idle errors included. Each test: false alarm 1e-6."""
    template = Template(Neuron(io, memory), steps)
    table = random_table(template, rows=1, shots=10_000, seed=3)
    ours = open_engine(f"exact:{device}", seed=1).run(table)[0].reshape(table.shots, -1)
    aers = open_engine(device, seed=1).run(table)[0].reshape(table.shots, -1)
    assert_same_distribution(ours, aers)


@pytest.mark.parametrize("name", ["exact", "exact:fake_brisbane"])
def test_long_trains_have_the_joint_distribution_of_neighbouring_steps(name):
    """T = 20: each triple of neighbouring steps against Aer, 18 chi-square tests of false alarm 1e-6."""
    template = Template(Neuron(), 20)
    table = random_table(template, rows=1, shots=8_000, seed=9)
    ours = open_engine(name, seed=2).run(table)[0, :, :, 0]
    aers = open_engine(name.partition(":")[2] or "aer", seed=2).run(table)[0, :, :, 0]
    for t in range(18):
        assert_same_distribution(ours[:, t : t + 3], aers[:, t : t + 3])


@pytest.mark.matrix(keep=2)
@pytest.mark.parametrize("device", ["", "fake_brisbane"])
@pytest.mark.parametrize("seed", range(3))
def test_kernels_draw_the_same_spikes(device, seed):
    """Bit for bit, six tables of up to 100,000 spikes each."""
    for table in kernel_tables(seed, 100_000):
        compiled, plain = (
            ExactEngine("exact", circuits_of(device, idle_noise=False), seed, fast=fast).run(table)
            for fast in (True, False)
        )
        assert np.array_equal(compiled, plain)
        assert 0 < compiled.mean() < 1


@pytest.mark.parametrize("fast", [False, True])
def test_reproducible_bit_for_bit_and_streamed(fast):
    template = Template(Neuron(), 10)
    table = random_table(template, rows=3, shots=40_000, seed=1, key=("a",))
    first = engine("exact", fast).run(table)
    again = engine("exact", fast)
    again.run(random_table(template, rows=5, shots=3, seed=2))
    assert np.array_equal(again.run(table), first)
    streamed = np.zeros_like(first)
    chunks = 0
    for rows, spikes in again.stream(table):
        streamed[rows] = spikes
        chunks += 1
    assert chunks > 1
    assert np.array_equal(streamed, first)
    assert not np.array_equal(engine("exact", fast, seed=1).run(table), first)
    assert engine("exact", fast).run(random_table(template, 0, 3, 0)).shape == (0, 3, 10, 1)


def test_broadcast_and_full_tables_are_the_same():
    template = Template(Neuron(), 6)
    table = random_table(template, rows=70, shots=5, seed=1)
    view = np.broadcast_to(table.theta[:1, :1], table.theta.shape)
    one = EvaluationTable(template, table.phi, view, 5)
    other = EvaluationTable(template, table.phi, view.copy(), 5)
    assert np.array_equal(engine("exact").run(one), engine("exact").run(other))


def test_neurons_that_do_not_fit_say_how_many_bytes(monkeypatch):
    monkeypatch.setattr(instrument_module, "MEMORY_LIMIT", 10_000)
    table = random_table(Template(Neuron(1, 3), 2), rows=1, shots=1, seed=0)
    with pytest.raises(BackendError, match=r"need [\d,]+ bytes, more than 10,000: use fewer memory qubits"):
        open_engine("exact").run(table)


def test_circuits_are_compiled_once():
    calls = []

    def prepare(template):
        calls.append(template)
        return circuits_of("", idle_noise=True)(template)

    counted = ExactEngine("exact", prepare, 0)
    template = Template(Neuron(), 3)
    for seed in (0, 1):
        counted.run(random_table(template, rows=2, shots=1, seed=seed))
    assert calls == [template]
    assert neuron_circuit(template).circuit.num_clbits == 3


def test_a_row_of_many_shots_is_drawn_in_parts(monkeypatch):
    """The uniform numbers of all shots at once would not stay small."""
    shapes = []

    def counted(rng, steps, shots, rows, io_qubits):
        shapes.append((steps, shots, rows))
        return draw_uniforms(rng, steps, shots, rows, io_qubits)

    monkeypatch.setattr(engine_module, "draw_uniforms", counted)
    monkeypatch.setattr(engine_module, "CHUNK", 125)
    table = random_table(Template(Neuron(), 30), rows=2, shots=700, seed=4)
    spikes = engine("exact", True).run(table)
    assert all(steps * shots * rows <= 2_000 for steps, shots, rows in shapes)
    assert sum(shots * rows for _, shots, rows in shapes) == 1_400
    assert np.array_equal(engine("exact", False).run(table), spikes)
    assert not np.array_equal(spikes[:, :66], spikes[:, 66:132])


def test_fingerprints_of_long_tables_read_few_rows():
    """All 300 steps of 13 rows of 500, not 256 rows: hashing would take longer than drawing."""
    template = Template(Neuron(), 300)
    table = random_table(template, rows=500, shots=1, seed=0)
    read = []
    for row in range(40):
        phi = table.phi.copy()
        phi[row, 299] += 1
        moved = EvaluationTable(template, phi, table.theta, 1)
        read.append(moved.fingerprint != table.fingerprint)
        assert moved.digest != table.digest
    assert np.flatnonzero(read).tolist() == [0, 39]


def test_identity():
    """Seed and stream, not the kernel: the same spikes have the same identity."""
    assert engine("exact", True, seed=3).identity == f"exact seed 3 stream {STREAM}"
    assert engine("exact", False, seed=3).identity == engine("exact", True, seed=3).identity


def test_the_stream_of_this_version():
    """Spikes known by heart: whoever changes them raises ``STREAM``."""
    phi = np.linspace(0, np.pi, 24).reshape(1, 24, 1)
    table = EvaluationTable(Template(Neuron(), 24), phi, np.full((1, 24, 3), 0.5), 2, ("by heart",))
    assert STREAM == 2
    assert packed(engine("exact").run(table)) == ["09dff7", "8213fa"]
    wide = Template(Neuron(2, 1), 12)
    several = EvaluationTable(
        wide, phi.reshape(1, 12, 2), np.full((1, *wide.theta_shape), 0.5), 2, ("by heart",)
    )
    assert packed(engine("exact").run(several)) == ["537cff", "183ff7"]


def packed(spikes):
    return [np.packbits(shot).tobytes().hex() for shot in spikes[0]]
