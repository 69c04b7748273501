"""Which neurons of a network run: any, with all that feed them."""

from collections.abc import Iterable

import numpy as np

from sqsq.checks import whole_array
from sqsq.errors import UsageError
from sqsq.model.network import NO_EDGE, Network


def check_neurons(network: Network, neurons: Iterable[int]) -> tuple[int, ...]:
    """The neurons as a tuple.

    Raises:
        UsageError: If one does not exist or is named twice.
    """
    listed = list(neurons) if isinstance(neurons, Iterable) else neurons
    last = len(network.neurons) - 1
    chosen = whole_array(listed, "neurons", ("neurons",), low=0, high=last, may_be_empty=("neurons",))
    found = tuple(chosen.tolist())
    if len(set(found)) < len(found):
        raise UsageError(f"neurons {list(found)}: name none twice")
    return found


def check_members(network: Network, neurons: Iterable[int]) -> tuple[int, ...]:
    """The neurons as a tuple.

    Raises:
        UsageError: If one does not exist or is named twice, or one that feeds another is missing: what it
            sends would be taken for silence.
    """
    members = check_neurons(network, neurons)
    feeding = (network.between_neurons[list(members)] != NO_EDGE).any(axis=0)
    if missing := set(np.flatnonzero(feeding).tolist()) - set(members):
        raise UsageError(f"neurons {sorted(missing)} feed neurons that run: they must run too")
    return members
