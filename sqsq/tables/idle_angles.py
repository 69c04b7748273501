"""Asks for the angles that no spike depends on: measuring their gradients buys nothing but shot noise."""

from dataclasses import dataclass

from sqsq.model import Neuron


@dataclass(frozen=True)
class IdleAnglesRequest:
    """Asks on which angles the joint distribution of an ideal neuron's spikes does not depend.

    The answer is a tuple of their names, in order; none where nothing can be proved. No shot is spent.

    Attributes:
        neuron: The neuron.
    """

    neuron: Neuron
