"""The order that directed edges give."""

import numpy as np
from numpy.typing import NDArray


def order_levels(feeds: NDArray[np.bool_]) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]:
    """Group nodes into levels, each fed only by earlier ones.

    Args:
        feeds: Whether node j feeds node i, shape (nodes, nodes).

    Returns:
        The levels, first level first, and the nodes that are left because edges close a cycle.
    """
    left = np.ones(len(feeds), bool)
    levels = []
    while (ready := left & ~feeds[:, left].any(axis=1)).any():
        levels.append(tuple(int(i) for i in np.flatnonzero(ready)))
        left &= ~ready
    return tuple(levels), tuple(int(i) for i in np.flatnonzero(left))
