"""Neurons as quantum instruments: the distributions of Aer, thousands of times faster, and exact answers."""

from sqsq.engines.exact.engine import ExactEngine

__all__ = ["ExactEngine"]
