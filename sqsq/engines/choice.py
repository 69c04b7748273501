"""Which backend, and how it is used: all that a worker elsewhere needs to open the same engine."""

from dataclasses import dataclass, field
from typing import Annotated

from sqsq.checks import Within, make_plain
from sqsq.engines.device_program import Placement
from sqsq.engines.providers import is_hardware


@dataclass(frozen=True)
class BackendChoice:
    """A backend by its name.

    Attributes:
        name: ``aer``, ``exact``, ``fake_<device>``, ``exact:fake_<device>`` or ``ibm_<device>``.
        seed: The seed of all random numbers of a simulator.
        idle_noise: Whether the noise of waiting qubits is simulated on ``fake_<device>``.
        placement: Where neurons run on a device. Simulators run one group unless a number is asked for.
        instance: The IBM Quantum instance, or None for the account's.
        batch: Whether hardware jobs are sent within a batch.
        threads: Threads of a simulator, or None for all cores; results do not depend on it.
        resuming: Whether a real device need not be there: jobs that are out are fetched or cancelled first.

    Raises:
        UsageError: If a value is of another kind or not within its bounds.
    """

    name: str
    seed: Annotated[int, Within(0)] = 0
    idle_noise: bool = True
    placement: Placement = field(default_factory=Placement)
    instance: str | None = None
    batch: bool = True
    threads: Annotated[int, Within(1)] | None = None
    resuming: bool = False

    def __post_init__(self) -> None:
        make_plain(self, {"name": "backend"})

    @property
    def hardware(self) -> bool:
        """Whether it is a real device."""
        return is_hardware(self.name)
