"""How many examples are tried: a few, always the same, or many, new ones each time."""

import os

from hypothesis import settings

EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "0"))
FEW, LEAST = 10, 4


def shared_by(parts):
    """Settings of a property that is tried in several parts, which share its examples.

    ``EXAMPLES`` of all parts together, or ``LEAST`` of each.
    """
    return settings(max_examples=max((EXAMPLES or FEW) // parts, LEAST))
