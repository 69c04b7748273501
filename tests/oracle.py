"""An independent calculation of a neuron's spikes, from the equations and from nothing of sqsq.

Unitaries are exponentials of Pauli products, states are density matrices, and the joint
distribution of the spikes follows by walking through every outcome.
"""

from functools import lru_cache
from itertools import product

import numpy as np

I2 = np.eye(2)
X = np.array([[0, 1], [1, 0]], complex)
Y = np.array([[0, -1j], [1j, 0]])
ONE = np.diag([0.0, 1.0])


def on(qubits, factors):
    """The Kronecker product with the given 2x2 factors; qubit 0 is the first factor."""
    result = np.eye(1)
    for k in range(qubits):
        result = np.kron(result, factors.get(k, I2))
    return result


def exponential(generator, angle):
    """exp(-i angle G), exact for G^3 = G, which all generators here obey."""
    square = generator @ generator
    return np.eye(len(generator)) + (np.cos(angle) - 1) * square - 1j * np.sin(angle) * generator


@lru_cache
def generator(kind, qubits, a, b=None):
    """G of RX(t) = exp(-i t G / 2), CRX(t) = exp(-i t G / 2) and XY(t) = exp(-i t G)."""
    if kind == "rx":
        return on(qubits, {a: X})
    if kind == "crx":
        return on(qubits, {a: ONE, b: X})
    return (on(qubits, {a: X, b: X}) + on(qubits, {a: Y, b: Y})) / 2


def rx(qubits, k, angle):
    return exponential(generator("rx", qubits, k), angle / 2)


def crx(qubits, control, target, angle):
    return exponential(generator("crx", qubits, control, target), angle / 2)


def xy(qubits, a, b, angle):
    return exponential(generator("xy", qubits, a, b), angle)


ENTANGLERS = {
    "partial-swap": lambda n, io, memory, angle: xy(n, io, memory, angle),
    "memory-controlled": lambda n, io, memory, angle: crx(n, memory, io, angle),
    "io-controlled": lambda n, io, memory, angle: crx(n, io, memory, angle),
}


def step_unitary(ansatz, io, memory, phi, theta):
    """U(z, theta) of eq. (4): io qubits first, then memory qubits."""
    n = io + memory
    unitary = np.eye(2**n, dtype=complex)
    for k in range(io):
        unitary = rx(n, k, phi[k]) @ unitary
    angles = list(theta)
    if ansatz == "partial-swap-chain":
        for m in range(memory - 1, 0, -1):
            unitary = xy(n, io + m, io + m - 1, angles.pop(0)) @ unitary
        for k in range(io):
            unitary = xy(n, k, io, angles.pop(0)) @ unitary
    else:
        for k, m in product(range(io), range(memory)):
            unitary = ENTANGLERS[ansatz](n, k, io + m, angles.pop(0)) @ unitary
    for k in range(n):
        unitary = rx(n, k, angles.pop(0)) @ unitary
    assert not angles
    return unitary


def memory_before(ansatz, io, memory, phi, theta):
    """The memory's state before each step, averaged over all spikes, shape (T, 2^N^M, 2^N^M)."""
    rest = 2**memory
    state = np.zeros((rest, rest), complex)
    state[0, 0] = 1
    ground = np.zeros((2**io, 2**io))
    ground[0, 0] = 1
    found = []
    for row in np.asarray(phi, float):
        found.append(state)
        unitary = step_unitary(ansatz, io, memory, row, theta)
        after = (unitary @ np.kron(ground, state) @ unitary.conj().T).reshape((2**io, rest) * 2)
        state = np.einsum("xaxb->ab", after)
    return found


def joint(ansatz, io, memory, phi, theta, start=None):
    """The joint distribution of the spikes.

    Args:
        ansatz, io, memory: The neuron.
        phi: Shape (T, N).
        theta: Shape (T, K), or (K,) for all steps.
        start: The memory's state before the first step, |0...0> by default.

    Returns:
        Probabilities, shape (2,) * (T * N), indexed by the spikes step by step, io qubit by io qubit.
    """
    phi = np.asarray(phi, float)
    theta = np.broadcast_to(theta, (len(phi), np.shape(theta)[-1]))
    rest = 2**memory
    ground = np.zeros((2**io, 2**io))
    ground[0, 0] = 1
    if start is None:
        start = np.zeros((rest, rest), complex)
        start[0, 0] = 1
    branches = {(): start}  # unnormalised memory states: their traces are probabilities
    for t in range(len(phi)):
        unitary = step_unitary(ansatz, io, memory, phi[t], theta[t])
        grown = {}
        for spikes, state in branches.items():
            after = (unitary @ np.kron(ground, state) @ unitary.conj().T).reshape((2**io, rest) * 2)
            for index, outcome in enumerate(product((0, 1), repeat=io)):
                grown[spikes + outcome] = after[index, :, index, :]
        branches = grown
    result = np.zeros((2,) * (len(phi) * io))
    for spikes, state in branches.items():
        result[spikes] = np.real(np.trace(state))
    return result


def spike_marginals(ansatz, phi, theta):
    """p(s_t = 1) of a neuron with one io and one memory qubit, shape (T,)."""
    distribution = joint(ansatz, 1, 1, np.reshape(phi, (-1, 1)), theta)
    return np.array([distribution.take(1, axis=t).sum() for t in range(distribution.ndim)])


def conditional(distribution, spikes):
    """p(s_t | s_1 ... s_{t-1}) for given spikes with one bit a step, shape (T,)."""
    result = []
    for t in range(len(spikes)):
        rest = tuple(range(t + 1, distribution.ndim))
        upto = distribution.sum(axis=rest) if rest else distribution
        before = upto.sum(axis=-1)
        result.append(upto[tuple(spikes[: t + 1])] / before[tuple(spikes[:t])])
    return np.array(result)


def network_joint(network, weights, theta, inputs, *, entangler=None, rectified=True):
    """The joint distribution of all spikes of a network, by walking through every history.

    The probability of a history is the product over neurons of that of the neuron's own spikes, given the
    angles that the history sends into it (eq. 9): RX(pi max(0, z)), z = sum of w times arriving spikes, or
    RX(pi z) where nothing is rectified.

    Args:
        network: Its neurons and delays; read as plain arrays.
        weights: Shape (neurons, inputs + neurons, channels).
        theta: Shape (neurons, K).
        inputs: Spikes of the input lines, shape (T, inputs).
        entangler: Which of ``ENTANGLERS`` all neurons have; what their names say if None.
        rectified: Whether negative currents turn nothing.

    Returns:
        Probabilities, shape (2,) * bits: neuron by neuron, step by step, io qubit by io qubit.
    """
    steps = len(inputs)
    widths = [neuron.io_qubits for neuron in network.neurons]
    places = np.cumsum([0, *(steps * width for width in widths)])
    bits = int(places[-1])
    histories = (np.arange(2**bits)[:, None] >> np.arange(bits)[::-1]) & 1
    probability = np.ones(2**bits)
    for i, neuron in enumerate(network.neurons):
        currents = np.zeros((2**bits, steps, widths[i]))
        for source in range(inputs.shape[1] + len(widths)):
            delay = network.delays[i, source]
            if delay < 0:
                continue
            for n in range(widths[i]):
                if source < inputs.shape[1]:
                    emitted = np.broadcast_to(inputs[:, source], (2**bits, steps))
                else:
                    j = source - inputs.shape[1]
                    own = histories[:, places[j] : places[j + 1]].reshape(-1, steps, widths[j])
                    emitted = own[..., 0 if widths[j] == 1 else n]
                for t in range(delay, steps):
                    currents[:, t, n] += weights[i, source, n] * emitted[:, t - delay]
        own = histories[:, places[i] : places[i + 1]]
        driving = np.maximum(currents, 0) if rectified else currents
        keys, which = np.unique(
            np.concatenate([np.pi * driving.reshape(2**bits, -1), own], axis=1),
            axis=0,
            return_inverse=True,
        )
        values = np.empty(len(keys))
        cut = steps * widths[i]
        angles = np.unique(keys[:, :cut], axis=0)
        for phi in angles:
            distribution = joint(
                entangler or neuron.ansatz,
                widths[i],
                neuron.memory_qubits,
                phi.reshape(steps, widths[i]),
                theta[i, : len(neuron.angles)],
            )
            rows = (keys[:, :cut] == phi).all(axis=1)
            values[rows] = distribution[tuple(keys[rows, cut:].astype(int).T)]
        probability *= values[which.ravel()]
    return probability.reshape((2,) * bits)
