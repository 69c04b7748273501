"""Neurons as quantum instruments: the distributions of Aer, thousands of times faster, and exact answers."""

from sqsq.engines.exact.answers import joint, log_likelihood, marginals, score
from sqsq.engines.exact.engine import ExactEngine

__all__ = ["ExactEngine", "joint", "log_likelihood", "marginals", "score"]
