"""A rehearsal: an IBM Quantum service on this machine, to which the real client can be pointed.

    python -m sqsq.loopback

prints the environment variables that do it. Everything is real but the device: jobs are simulated by
Aer. Nothing of what the client sends leaves the machine. It is a stand-in for tests and for trying out
a hardware run before it is paid for; it checks no limits of the real service.
"""

from typing import TYPE_CHECKING

from sqsq._lazy import lazy_names

if TYPE_CHECKING:
    from sqsq.loopback.faults import Fault, RandomFaults
    from sqsq.loopback.service import TOKEN, Loopback

_MODULES = {"TOKEN": ".service", "Fault": ".faults", "Loopback": ".service", "RandomFaults": ".faults"}

__all__ = ["TOKEN", "Fault", "Loopback", "RandomFaults"]

__getattr__ = lazy_names(__name__, _MODULES)
