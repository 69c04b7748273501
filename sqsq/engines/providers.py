"""Providers of backends: what opens which names of ``--backend``, sqsq's own and those of other packages."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from sqsq.checks import did_you_mean, one_line, shown
from sqsq.errors import BackendError, UsageError

if TYPE_CHECKING:
    from sqsq.engines.choice import BackendChoice
    from sqsq.engines.device import Device
    from sqsq.engines.protocol import Engine
    from sqsq.engines.queued import QueuedEngine

ENTRY_POINTS = "sqsq.backends"
"""The group in which another package names its providers."""


@dataclass(frozen=True)
class BackendProvider:
    """Opens backends of one kind.

    Attributes:
        pattern: How they are named: ``aer``, or with a part that varies at the end, as ``fake_<device>``.
        summary: What runs there, in a few words.
        open: Opens one; for hardware, whether the device need not be there because a run goes on is asked
            of ``BackendChoice.resuming``.
        hardware: Whether tables become jobs of a real device, and cost what it charges.
        device: What it imitates, by the name of the backend; None for hardware and for ideal simulators.
        names: The names that can be listed without asking a network.

    Raises:
        UsageError: If the pattern is none.
    """

    pattern: str
    summary: str
    open: "Callable[[BackendChoice], Engine | QueuedEngine]"
    hardware: bool = False
    device: "Callable[[str], Device] | None" = None
    names: Callable[[], Iterable[str]] = tuple

    def __post_init__(self) -> None:
        if not isinstance(self.pattern, str) or not self.prefix:
            raise UsageError(f"the pattern of a backend provider is {shown(self.pattern)}: must be text")

    @property
    def prefix(self) -> str:
        """The part of the names that does not vary."""
        return self.pattern.partition("<")[0]

    def opens(self, name: str) -> bool:
        """Whether a name is one of its own."""
        if "<" not in self.pattern:
            return name == self.pattern
        return name.startswith(self.prefix) and len(name) > len(self.prefix)

    def device_name(self, name: str) -> str:
        """The part of a name that varies: which device."""
        return name[len(self.prefix) :]


_PROVIDERS: dict[str, BackendProvider] = {}


def register_backend(provider: BackendProvider) -> BackendProvider:
    """Make backends available by their names, in this process.

    Raises:
        UsageError: If it is no provider, or another one opens the same names.
    """
    if not isinstance(provider, BackendProvider):
        raise UsageError(f"a backend provider to register is {shown(provider)}: must be a BackendProvider")
    if _PROVIDERS.setdefault(provider.pattern, provider) != provider:
        raise UsageError(f"backends named {provider.pattern} are registered already")
    return provider


def backend_providers() -> tuple[BackendProvider, ...]:
    """All providers, those of other packages included."""
    _load_others()
    return tuple(_PROVIDERS.values())


def find_provider(name: str) -> BackendProvider:
    """The provider of a backend.

    Raises:
        BackendError: If nobody opens such a name. Nothing else is run instead.
    """
    for provider in _PROVIDERS.values():
        if provider.opens(name):
            return provider
    for provider in backend_providers():
        if provider.opens(name):
            return provider
    known = [each for provider in backend_providers() for each in provider.names()]
    patterns = ", ".join(provider.pattern for provider in backend_providers())
    raise BackendError(
        f"unknown backend {name!r}{did_you_mean(name, known)}: choose from {patterns} (sqsq backends lists "
        "them)"
    )


def is_hardware(name: str) -> bool:
    """Whether a backend is a real device; False for names that nobody opens."""
    return any(provider.hardware and provider.opens(name) for provider in backend_providers())


def device_name(name: str) -> str:
    """The device that a backend is or imitates; the name itself for those that nobody opens."""
    for provider in backend_providers():
        if provider.opens(name):
            return provider.device_name(name)
    return name


@cache
def _load_others() -> None:
    """Register the providers that other packages name.

    Raises:
        BackendError: If one of them cannot be loaded.
    """
    for entry in entry_points(group=ENTRY_POINTS):
        try:
            register_backend(entry.load())
        except Exception as error:  # whatever the other package does
            raise BackendError(
                f"the backend provider {entry.name} ({entry.value}) cannot be loaded: {one_line(str(error))}"
            ) from error
