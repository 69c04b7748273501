"""The order in which neurons can run one after the other, each over all its time steps."""

from sqsq.errors import UsageError
from sqsq.model.levels import order_levels
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
    layers, stuck = order_levels(network.between_neurons != NO_EDGE)
    if stuck:
        raise UsageError(
            f"neurons {list(stuck)} feed each other: a recurrent network cannot run layer by layer"
        )
    return layers
