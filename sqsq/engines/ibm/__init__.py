"""IBM Quantum hardware through qiskit-ibm-runtime."""

from sqsq.engines.ibm.engine import HardwareEngine
from sqsq.engines.ibm.service import open_service

__all__ = ["HardwareEngine", "open_service"]
