"""How large a network may be that is written out as one circuit, known before the circuit is built.

A conditional takes two to four milliseconds to build, count, bind and write, a step of a pair of qubits about
four. At these sizes all of it takes some ten to twenty seconds.
"""

import numpy as np
from numpy.typing import NDArray

from sqsq.errors import UsageError
from sqsq.model import NO_EDGE, Network
from sqsq.tables import MAX_FAN_IN, FusedPlan

MOST_PAIR_STEPS = 2_000
"""Steps times pairs of an io and a memory qubit that are entangled in each."""
MOST_PATTERNS = 100_000
"""Patterns of fed-forward spikes, of all io qubits together, that decide which conditionals there are."""
MOST_CONDITIONALS = 5_000
"""Conditionals of all steps."""
MOST_DRAWN = {"text": 1_000, "png": 2_000}
"""Operations of a circuit that is drawn."""
_LAYERED = "train and run it layer by layer (--forward layered), or describe a part of it"


def check_network_size(network: Network, weights: NDArray[np.float64], steps: int) -> None:
    """Raise UsageError if a network is too large to be planned and written out.

    Args:
        network: The network.
        weights: Its weights, shape (neurons, sources, channels).
        steps: T.
    """
    pairs = steps * sum(neuron.io_qubits * neuron.memory_qubits for neuron in network.neurons)
    if pairs > MOST_PAIR_STEPS:
        raise UsageError(
            f"{steps:,} steps of {len(network.neurons):,} neurons are {pairs:,} steps of qubit pairs in one "
            f"circuit: at most {MOST_PAIR_STEPS:,}; {_LAYERED}"
        )
    fan_in = (network.between_neurons != NO_EDGE).sum(axis=1)
    negative = np.any(weights[:, network.inputs :] < 0, axis=(1, 2)).tolist()
    patterns = sum(
        neuron.io_qubits * 2 ** int(count)
        for neuron, count, some in zip(network.neurons, fan_in, negative, strict=True)
        if some and count <= MAX_FAN_IN
    )
    if patterns > MOST_PATTERNS:
        raise UsageError(
            f"the spikes that neurons feed each other have {patterns:,} patterns: at most {MOST_PATTERNS:,}; "
            f"{_LAYERED}"
        )


def check_plan_size(plan: FusedPlan) -> None:
    """Raise UsageError if a circuit would have too many conditionals to be written out."""
    conditionals = plan.steps * plan.conditionals
    if conditionals > MOST_CONDITIONALS:
        raise UsageError(
            f"{plan.steps:,} steps of {plan.conditionals:,} conditional rotations are {conditionals:,}: "
            f"at most {MOST_CONDITIONALS:,} in one circuit; prune small ones (--prune), or {_LAYERED}"
        )


def check_drawing_size(operations: int, form: str) -> None:
    """Raise UsageError if a circuit has too many operations to be drawn in a format."""
    if operations > MOST_DRAWN.get(form, operations):
        raise UsageError(
            f"a drawing ({form}) of {operations:,} operations is too large: at most {MOST_DRAWN[form]:,}; "
            "use qasm3 or qpy"
        )
