"""What the three neurons can remember: theorems with their converses, on the compiled circuits.

The circuits are evaluated exactly; ``tests/circuits`` holds them against the oracle.
"""

import numpy as np
import pytest

from sqsq.circuits import neuron_circuit
from sqsq.model import Neuron
from sqsq.tables import Template
from tests import oracle
from tests.exact_circuit import circuit_joint

STEPS = 4


def joint(ansatz, phi, theta, io=1, memory=1):
    template = Template(Neuron(io, memory, ansatz), len(phi))
    compiled = neuron_circuit(template)
    values = [*np.ravel(phi), *np.broadcast_to(theta, template.theta_shape).ravel()]
    names = (*compiled.phi, *compiled.theta)
    return circuit_joint(compiled.circuit.assign_parameters(dict(zip(names, values, strict=True))))


def marginals(distribution):
    return np.array([distribution.take(1, axis=t).sum() for t in range(distribution.ndim)])


def product_of_marginals(distribution):
    result = np.ones(())
    for p in marginals(distribution):
        result = np.multiply.outer(result, [1 - p, p])
    return result


def draws(count, seed):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        yield rng.uniform(0, np.pi, (STEPS, 1)), rng.uniform(-np.pi, np.pi, 3), rng


def test_io_controlled_has_no_memory_at_all():
    for phi, theta, _ in draws(5, seed=1):
        distribution = joint("io-controlled", phi, theta)
        assert np.abs(distribution - product_of_marginals(distribution)).max() < 1e-13
        ent, theta_in, _ = theta
        c, s, c2, s2 = (
            *(f(phi[:, 0] / 2) for f in (np.cos, np.sin)),
            np.cos(theta_in / 2),
            np.sin(theta_in / 2),
        )
        p = s2**2 * c**2 + c2**2 * s**2 + 2 * s2 * c * c2 * s * np.cos(ent / 2)
        assert marginals(distribution) == pytest.approx(p, abs=1e-12)


def test_io_controlled_theta_mem_has_no_effect():
    for phi, theta, rng in draws(3, seed=2):
        other = [*theta[:2], rng.uniform(-np.pi, np.pi)]
        assert np.abs(joint("io-controlled", phi, theta) - joint("io-controlled", phi, other)).max() < 1e-13


def io_controlled_two_steps(io, memory, seed, first_input=None):
    """The joint distribution of two steps, shape (2**N, 2**N)."""
    rng = np.random.default_rng(seed)
    phi = rng.uniform(0, np.pi, (2, io))
    theta = rng.uniform(-np.pi, np.pi, io * memory + io + memory)
    if first_input is not None:
        phi[0] = first_input
    return joint("io-controlled", phi, theta, io, memory).reshape(2**io, 2**io)


def test_io_controlled_has_no_memory_with_several_io_qubits():
    steps = io_controlled_two_steps(io=2, memory=1, seed=3)
    assert np.abs(steps - np.outer(steps.sum(axis=1), steps.sum(axis=0))).max() < 1e-13


def test_io_controlled_with_two_memory_qubits_has_correlated_spikes_but_forgets_its_input():
    """The X basis of the memory is conserved. With one memory qubit its two sectors give the same
    probabilities; with two they do not, and the sector is a hidden constant that spikes reveal."""
    steps = io_controlled_two_steps(io=1, memory=2, seed=3)
    assert np.abs(steps - np.outer(steps.sum(axis=1), steps.sum(axis=0))).max() > 1e-4
    later = [io_controlled_two_steps(1, 2, 3, first_input=x).sum(axis=0) for x in (0.1, 1.7, 3.0)]
    assert np.ptp(later, axis=0).max() < 1e-13


@pytest.mark.parametrize("ansatz", ["memory-controlled", "partial-swap"])
def test_the_others_remember_their_own_spikes(ansatz):
    largest = max(
        np.abs(d - product_of_marginals(d)).max()
        for d in (joint(ansatz, p, t) for p, t, _ in draws(8, seed=4))
    )
    assert largest > 0.02


def change_of_last_probability(ansatz, phi, theta, rng):
    """How far p(s_T) moves when all earlier inputs change."""
    other = phi.copy()
    other[:-1] = rng.uniform(0, np.pi, (STEPS - 1, 1))
    return abs(marginals(joint(ansatz, phi, theta))[-1] - marginals(joint(ansatz, other, theta))[-1])


def test_memory_controlled_does_not_remember_its_input():
    moved = [change_of_last_probability("memory-controlled", *draw) for draw in draws(8, seed=5)]
    assert max(moved) < 1e-13


def test_partial_swap_remembers_its_input():
    moved = [change_of_last_probability("partial-swap", *draw) for draw in draws(8, seed=5)]
    assert max(moved) > 0.1


def test_partial_swap_at_half_pi_emits_the_previous_input():
    inputs = np.array([1, 0, 0, 1])
    distribution = joint("partial-swap", np.pi * inputs[:, None], [np.pi / 2, 0, 0])
    assert distribution[0, 1, 0, 0] == pytest.approx(1)


def test_a_memory_that_is_reset_at_every_step_is_another_neuron():
    """A mistake to be warned of."""
    phi, theta = np.pi * np.array([[1], [0], [0], [1]]), [1.2, 0.1, 0.2]
    remembering = joint("partial-swap", phi, theta)
    forgetful = np.ones(())
    for step in phi:
        forgetful = np.multiply.outer(forgetful, oracle.joint("partial-swap", 1, 1, [step], theta))
    assert np.abs(remembering - forgetful).max() > 0.3


def test_great_circle_recursion_of_memory_controlled():
    """The closed form for amplitudes (c0, -i c1) agrees with the circuit."""
    for phi, (ent, theta_in, mem), _ in draws(3, seed=7):
        exact = joint("memory-controlled", phi, [ent, theta_in, mem])
        for spikes in np.ndindex((2,) * STEPS):
            c = np.array([1.0, 0.0])
            for t, spike in enumerate(spikes):
                a = (phi[t, 0] + theta_in) / 2 + np.array([0, ent / 2])
                c = c * (np.sin(a) if spike else np.cos(a))
                turn = np.array([[np.cos(mem / 2), -np.sin(mem / 2)], [np.sin(mem / 2), np.cos(mem / 2)]])
                c = turn @ c
            assert c @ c == pytest.approx(exact[spikes], abs=1e-12)
