import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter

from sqsq.engines.circuit_sources import circuits_of
from sqsq.engines.exact import angles_without_effect, inspect_neuron
from sqsq.engines.exact.answers import matrices_of
from sqsq.engines.exact.engine import ExactEngine
from sqsq.engines.exact.hankel import hankel_margin, hankel_rank
from sqsq.errors import UsageError
from sqsq.model import Neuron, ansatz_from_circuit
from sqsq.tables import EvaluationTable, Template
from tests import oracle


def test_partial_swap_remembers_its_input_and_its_spikes():
    found = inspect_neuron(Neuron())
    assert found.steps_of(found.input_memory) >= 3
    assert found.steps_of(found.spike_memory) >= 3
    assert found.hankel_rank == 4
    assert found.summary()["classical_states_ruled_out"]
    assert found.hankel_margin > 0.05


def test_memory_controlled_remembers_its_spikes_alone():
    found = inspect_neuron(Neuron(ansatz="memory-controlled"))
    assert found.input_memory[1:].max() < 1e-12
    assert found.input_memory[0] > 0.1
    assert found.spike_memory.max() > 0.02
    assert found.hankel_rank == 3


def test_io_controlled_remembers_nothing():
    found = inspect_neuron(Neuron(ansatz="io-controlled"))
    assert found.input_memory[1:].max() < 1e-12
    assert found.spike_memory.max() < 1e-12
    assert found.hankel_rank == 1
    assert found.idle_angles == ("mem[0]",)


def test_noise_does_not_hide_the_memory_of_the_input():
    found = inspect_neuron(Neuron(), backend="exact:fake_brisbane")
    assert found.steps_of(found.input_memory) >= 2


def test_trained_angles_are_used():
    found = inspect_neuron(Neuron(), theta=np.zeros(3))
    assert found.steps_of(found.input_memory) == 0
    assert found.hankel_rank == 1
    stored = inspect_neuron(Neuron(), theta=np.array([np.pi / 2, 0, 0]))
    assert stored.input_memory[0] < 1e-12
    assert stored.input_memory[1] > 0.1
    assert stored.input_memory[2:].max() < 1e-12


def test_numbers_against_the_oracle():
    """The dependence of two spikes and the Hankel rank, worked out from the joint distribution."""
    theta = np.array([0.9, 0.4, -0.7])
    found = inspect_neuron(Neuron(), theta=theta, steps=5, draws=1, seed=3)
    rng = np.random.default_rng(3)
    phi = rng.uniform(0, np.pi, (1, 5, 1))[0]
    distribution = oracle.joint("partial-swap", 1, 1, phi, theta)
    for lag in range(1, 5):
        dependence = []
        for first in range(5 - lag):
            others = tuple(t for t in range(5) if t not in (first, first + lag))
            pair = distribution.sum(axis=others)
            dependence.append(abs(pair[1, 1] - pair[1].sum() * pair[:, 1].sum()))
        assert found.spike_memory[lag] == pytest.approx(max(dependence), abs=1e-12)
    constant = oracle.joint("partial-swap", 1, 1, np.full((6, 1), phi[0, 0]), theta)
    hankel = constant.reshape(8, 8)
    values = np.linalg.svd(hankel, compute_uv=False)
    assert found.hankel_rank == (values > 1e-9 * values[0]).sum()


def test_angles_without_effect():
    assert angles_without_effect(Neuron()) == ()
    assert angles_without_effect(Neuron(ansatz="memory-controlled")) == ()
    assert angles_without_effect(Neuron(1, 2, "io-controlled")) == ("mem[0]", "mem[1]")
    a, b = Parameter("used"), Parameter("unused")
    circuit = QuantumCircuit(2)
    circuit.rx(a, 0)
    circuit.ry(b, 1)
    ansatz_from_circuit("half-used", circuit, io_qubits=1, theta=[b, a])
    assert angles_without_effect(Neuron(ansatz="half-used")) == ("unused",)


def test_bad_values():
    for wrong in ({"steps": 1}, {"steps": 10**9}, {"draws": 0}, {"draws": 10**11}, {"draws": 2.5}):
        (name,) = wrong
        with pytest.raises(UsageError, match=f"{name} is"):
            inspect_neuron(Neuron(), **wrong)
    with pytest.raises(UsageError, match="inspection needs exact or exact:fake_<device>"):
        inspect_neuron(Neuron(), backend="fake_brisbane")


def test_a_verdict_has_a_margin():
    found = inspect_neuron(Neuron(), draws=3, steps=4)
    assert found.verdict(np.array([0.4, 1e-12, 1e-11])) == "none"
    assert found.verdict(np.array([0.4, 0.01, 0.049])) == "weak (at most 0.049)"
    assert found.verdict(np.array([0.4, 0.3, 0.051, 0.01])) == "2 steps (at most 0.3)"
    assert found.verdict(np.array([0.4, 0.3, 0.01])) == "1 step (at most 0.3)"
    assert found.steps_of(np.array([0.4, 0.01, 0.01, 0.01])) == 0
    summary = found.summary()
    assert summary["threshold"] == 0.05
    assert summary["draws"] == 3
    assert summary["input_memory_verdict"] == found.verdict(found.input_memory)


def test_what_the_summaries_of_the_ansatze_claim():
    """Ideal neurons of one and two io and memory qubits."""
    for io, memory in ((1, 1), (1, 2), (2, 1)):
        none = inspect_neuron(Neuron(io, memory, "io-controlled"))
        assert none.verdict(none.input_memory) == "none"
        assert (none.verdict(none.spike_memory) == "none") == (memory == 1)
        own = inspect_neuron(Neuron(io, memory, "memory-controlled"))
        assert own.verdict(own.input_memory) == "none"
        assert own.steps_of(own.spike_memory) >= 1
        for name in ("partial-swap", "partial-swap-chain"):
            both = inspect_neuron(Neuron(io, memory, name))
            assert both.steps_of(both.input_memory) >= 2


def test_the_hankel_margin_against_the_oracle():
    """Pasts and futures of five steps: singular values of the joint distribution itself."""
    theta, phi = np.array([0.9, 0.4, -0.7]), 1.1
    distribution = oracle.joint("partial-swap", 1, 1, np.full((10, 1), phi), theta).reshape(32, 32)
    values = np.linalg.svd(distribution, compute_uv=False)
    engine = ExactEngine("exact", circuits_of("", idle_noise=True), 0)
    table = EvaluationTable(Template(Neuron(), 2), np.full((1, 2, 1), phi), np.tile(theta, (1, 2, 1)), 1)
    ((_, matrices),) = matrices_of(engine, table)
    assert hankel_rank(matrices[0]) == 4
    # ten steps each: a larger matrix of the same rank, whose first singular values are near those of five
    assert hankel_margin(matrices[0], 2) == pytest.approx(values[2] / values[0], rel=0.5)
    assert hankel_margin(matrices[0], 2) > 1e-3
    assert hankel_margin(matrices[0], 4) < 1e-12
    assert hankel_margin(matrices[0], 99) == 0
