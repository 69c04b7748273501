"""Other neurons than the quantum ones, run and trained by the same code."""

from sqsq.baselines.lif_engine import LifEngine
from sqsq.baselines.lif_neuron import LIF

__all__ = [
    "LIF",
    "LifEngine",
]
