"""The engine ``lif``: stochastic leaky integrate-and-fire neurons."""

from sqsq.engines.lif.engine import LifEngine

__all__ = ["LifEngine"]
