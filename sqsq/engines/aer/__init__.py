"""Qiskit's own simulator of the same circuits."""

from sqsq.engines.aer.engine import AerEngine, aer_method, noise_model

__all__ = ["AerEngine", "aer_method", "noise_model"]
