"""The order in which neurons can run one after the other, each over all its time steps."""

import numpy as np

from sqsq.errors import UsageError
from sqsq.model.network import NO_EDGE, Network


def network_layers(network: Network) -> tuple[tuple[int, ...], ...]:
    """Group neurons into layers, each fed only by input lines and by earlier layers.

    Args:
        network: A network whose edges, delayed or not, close no cycle.

    Returns:
        The neurons of each layer, first layer first.

    Raises:
        UsageError: If the network is recurrent: its neurons cannot run one after the other.
    """
    edges = network.between_neurons != NO_EDGE
    depth = np.full(len(network.neurons), -1)
    layers: list[tuple[int, ...]] = []
    while (depth < 0).any():
        ready = tuple(int(i) for i in np.flatnonzero((depth < 0) & ~edges[:, depth < 0].any(axis=1)))
        if not ready:
            raise UsageError(
                f"neurons {np.flatnonzero(depth < 0).tolist()} feed each other: a recurrent network "
                "cannot run layer by layer"
            )
        depth[list(ready)] = len(layers)
        layers.append(ready)
    return tuple(layers)
