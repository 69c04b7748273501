"""A rehearsal: an IBM Quantum service on this machine, to which the real client can be pointed.

    python -m sqsq.fake_service

prints the environment variables that do it. Everything is real but the device: jobs are simulated by
Aer. Nothing of what the client sends leaves the machine. It is a stand-in for tests and for trying out
a hardware run before it is paid for; it checks no limits of the real service.
"""

from typing import TYPE_CHECKING

from sqsq._lazy import lazy_names

if TYPE_CHECKING:
    from sqsq.fake_service.faults import Fault, RandomFaults
    from sqsq.fake_service.service import TOKEN, FakeService

_MODULES = {"TOKEN": ".service", "Fault": ".faults", "FakeService": ".service", "RandomFaults": ".faults"}

__all__ = ["TOKEN", "FakeService", "Fault", "RandomFaults"]

__getattr__ = lazy_names(__name__, _MODULES)
