"""Angles that no spike depends on: measuring their gradients buys nothing but shot noise."""

from functools import lru_cache

import numpy as np

from sqsq.engines.exact.answers import joint
from sqsq.engines.exact.engine import ExactEngine
from sqsq.engines.ideal import ideal_circuit
from sqsq.errors import BackendError
from sqsq.model import Neuron, shift_rule
from sqsq.tables import EvaluationTable, Template

_ZERO = 1e-12
_BITS = 12


@lru_cache(maxsize=32)
def angles_without_effect(neuron: Neuron) -> tuple[str, ...]:
    """The angles on which the joint distribution of an ideal neuron's spikes does not depend.

    The derivative of every probability by each occurrence of the angle is worked out exactly, by the shift
    rule on the exact distribution, at random currents and angles. It is analytic in them, so where it
    vanishes at random points it vanishes everywhere, with probability 1. T is as large as 2^12
    outcomes allow, at most 6.

    Args:
        neuron: The neuron.

    Returns:
        The names of the angles, in order; none where the ansatz cannot be turned into instruments, for
        then nothing is proved.
    """
    try:
        return _without_effect(neuron)
    except BackendError:
        return ()


def _without_effect(neuron: Neuron) -> tuple[str, ...]:
    steps = max(2, min(6, _BITS // neuron.io_qubits))
    template = Template(neuron, steps)
    engine = ExactEngine("exact", ideal_circuit, 0)
    engine.prepare(template)
    rng = np.random.default_rng(0)
    phi = rng.uniform(0.2, np.pi - 0.2, template.phi_shape)
    theta = np.tile(rng.uniform(-np.pi, np.pi, len(neuron.angles)), (steps, 1))
    found = []
    for k, angle in enumerate(neuron.angles):
        rows, factors = [], []
        for shift, factor in shift_rule(angle.frequencies):
            for sign in (1, -1):
                factors.append(sign * factor)
                for step in range(steps):
                    moved = theta.copy()
                    moved[step, k] += sign * shift
                    rows.append(moved)
        table = EvaluationTable(template, np.broadcast_to(phi, (len(rows), *phi.shape)), np.array(rows), 1)
        distributions = joint(engine, table).reshape(-1, steps, 2 ** (steps * neuron.io_qubits))
        derivatives = np.tensordot(factors, distributions, axes=1)
        if np.abs(derivatives).max() < _ZERO:
            found.append(angle.name)
    return tuple(found)
