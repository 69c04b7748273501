import numpy as np
import pytest
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter

from sqsq.engines.exact import angles_without_effect, inspect_neuron
from sqsq.errors import UsageError
from sqsq.model import Neuron, ansatz_from_circuit
from tests import oracle


def test_partial_swap_remembers_its_input_and_its_spikes():
    found = inspect_neuron(Neuron())
    assert found.steps_of(found.input_memory) >= 3
    assert found.steps_of(found.spike_memory) >= 3
    assert found.hankel_rank == 4
    assert not found.summary()["explained_by_classical_states"]


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
    with pytest.raises(UsageError, match="at least 2 and 1"):
        inspect_neuron(Neuron(), steps=1)
    with pytest.raises(UsageError, match="inspection needs exact or exact:fake_<device>"):
        inspect_neuron(Neuron(), backend="fake_brisbane")
