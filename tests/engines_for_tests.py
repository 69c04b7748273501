"""Engines that know the exact distribution, from the oracle."""

import numpy as np

from tests import oracle


class ProportionalEngine:
    """Returns every outcome as often as its probability says: shots without shot noise.

    With S shots every frequency is within 1/S of the exact probability.
    """

    name = "proportional"

    def __init__(self):
        self.tables = []

    def prepare(self, template):
        pass

    def run(self, table):
        self.tables.append(table)
        neuron = table.template.neuron
        spikes = np.empty(table.spikes_shape, np.uint8)
        steps, io = table.template.phi_shape
        outcomes = np.array(list(np.ndindex((2,) * (steps * io))), np.uint8)
        for row in range(table.evaluations):
            distribution = oracle.joint(
                neuron.ansatz, io, neuron.memory_qubits, table.phi[row], table.theta[row]
            )
            edges = np.rint(np.cumsum(distribution.ravel()) * table.shots).astype(int)
            counts = np.diff(edges, prepend=0)
            spikes[row] = outcomes.repeat(counts, axis=0).reshape(table.shots, steps, io)
        return spikes


class SamplingEngine:
    """Draws shots from the oracle's joint distribution."""

    name = "sampling"

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def prepare(self, template):
        pass

    def run(self, table):
        neuron = table.template.neuron
        steps, io = table.template.phi_shape
        spikes = np.empty(table.spikes_shape, np.uint8)
        outcomes = np.array(list(np.ndindex((2,) * (steps * io))), np.uint8)
        for row in range(table.evaluations):
            distribution = oracle.joint(
                neuron.ansatz, io, neuron.memory_qubits, table.phi[row], table.theta[row]
            ).ravel()
            drawn = self.rng.choice(len(outcomes), size=table.shots, p=distribution / distribution.sum())
            spikes[row] = outcomes[drawn].reshape(table.shots, steps, io)
        return spikes
