"""The backends that come with sqsq, and from the name that ``--backend`` is given to an engine."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sqsq.engines.choice import BackendChoice
from sqsq.engines.device_program import DevicePrograms, Placement
from sqsq.engines.given import GIVEN
from sqsq.engines.grouped import GroupedEngine
from sqsq.engines.protocol import Engine, IdentifiedEngine
from sqsq.engines.providers import BackendProvider, find_provider, register_backend
from sqsq.engines.queued import QueuedEngine
from sqsq.errors import BackendError, UsageError
from sqsq.tables import Template

if TYPE_CHECKING:
    from sqsq.engines.device import Device


def open_engine(
    name: str, seed: int = 0, *, idle_noise: bool = True, placement: Placement | None = None
) -> Engine:
    """Open a simulated backend by its name.

    Args:
        name: ``aer`` (ideal) or ``fake_<device>`` (that device's published noise), both Aer; ``exact``
            or ``exact:fake_<device>``, the same distributions by the instrument, much faster; or what
            another package provides.
        seed: The seed of all random numbers.
        idle_noise: Whether the noise of waiting qubits is simulated on ``fake_<device>``.
        placement: Where neurons run on the device: by default on the qubits of least error.

    Raises:
        BackendError: If there is no such backend, or it is hardware. Nothing else is run instead.
    """
    return open_simulator(BackendChoice(name, seed, idle_noise, placement or Placement()))


def open_simulator(choice: BackendChoice) -> Engine:
    """Open a simulated backend.

    Raises:
        BackendError: If there is no such backend, or it is hardware. Nothing else is run instead.
        UsageError: If qubits are chosen where there are none to choose from.
    """
    if choice.hardware:
        raise BackendError(
            f"{choice.name} is hardware, where tables become queued jobs: use open_hardware, or sqsq.train "
            "with a run directory; nothing was run in its place"
        )
    return open_any(choice)  # type: ignore[return-value]


def open_hardware(choice: BackendChoice) -> QueuedEngine:
    """Open a real device.

    Raises:
        BackendError: If there is no such device, credentials are missing or refused, or the account does
            not offer the device.
        TemporaryError: If the service cannot be reached.
    """
    engine = open_any(choice)
    if not isinstance(engine, QueuedEngine):
        raise BackendError(f"{choice.name} is no hardware: use open_engine")
    return engine


def open_any(choice: BackendChoice) -> Engine | QueuedEngine:
    """Open a backend of any kind.

    Raises:
        BackendError: If there is no such backend, or as ``open_hardware``.
    """
    if choice.name == GIVEN:
        raise BackendError(
            "this run's backend was handed over by a program: hand it over again, backend=..., or name "
            "another one, such as exact"
        )
    return find_provider(choice.name).open(choice)


def device_programs(choice: BackendChoice) -> DevicePrograms | None:
    """How tables would run as jobs on the device that a backend imitates; None for ideal ones."""
    device = None if choice.name == GIVEN else find_provider(choice.name).device
    return None if device is None else DevicePrograms(device(choice.name), choice.placement)


def fake_device_name(name: str) -> str | None:
    """``fake_<device>`` of a backend that imitates one; None for others."""
    provider = find_provider(name)
    return f"fake_{provider.device_name(name)}" if provider in (FAKE, EXACT_FAKE) else None


def _fake_device(name: str) -> "Device":
    from sqsq.engines.device import device_of
    from sqsq.engines.fake import fake_backend

    return device_of(fake_backend(fake_device_name(name) or name))


def _fake_names() -> tuple[str, ...]:
    from sqsq.engines.fake import fake_names

    return fake_names()


def _open_ideal(choice: BackendChoice) -> IdentifiedEngine:
    if choice.placement.layout or isinstance(choice.placement.pack, int):
        raise UsageError(
            f"{choice.name} has no qubits to choose from (layout, pack): use fake_<device> or ibm_<device>"
        )
    return _engine(choice, "", None)


def _open_fake(choice: BackendChoice) -> IdentifiedEngine:
    """One engine, or one for each group that was asked for."""
    placement, device = choice.placement, fake_device_name(choice.name) or ""
    if not placement.layout and not isinstance(placement.pack, int):
        return _engine(choice, device, None)
    programs = DevicePrograms(_fake_device(choice.name), placement)

    def group(k: int) -> IdentifiedEngine:
        return _engine(choice, device, lambda template: programs.groups(template)[k])

    if placement.pack == 1 or placement.pack == "off":
        return group(0)
    return GroupedEngine(choice.name, lambda template: len(programs.groups(template)), group)


def _engine(
    choice: BackendChoice, device: str, group: Callable[[Template], Sequence[int]] | None
) -> IdentifiedEngine:
    from sqsq.engines.circuit_sources import circuits_of

    source = circuits_of(device, idle_noise=choice.idle_noise, group=group)
    if find_provider(choice.name) in (EXACT, EXACT_FAKE):
        from sqsq.engines.exact import ExactEngine

        return ExactEngine(choice.name, source, choice.seed, ideal=not device)
    from sqsq.engines.aer import AerEngine
    from sqsq.engines.network_sources import networks_of

    networks = networks_of(device, idle_noise=choice.idle_noise)
    return AerEngine(choice.name, source, choice.seed, fuse=networks, threads=choice.threads)


def _open_ibm(choice: BackendChoice) -> QueuedEngine:
    from sqsq.engines.ibm import HardwareEngine, open_service

    engine = HardwareEngine(open_service(choice.instance), choice.name, choice.placement, batch=choice.batch)
    if not choice.resuming:
        engine.open_device()
    return engine


def _open_lif(choice: BackendChoice) -> IdentifiedEngine:
    from sqsq.engines.lif import LifEngine

    return LifEngine(choice.seed)


AER = register_backend(BackendProvider("aer", "ideal circuits on Aer", _open_ideal, names=lambda: ("aer",)))
EXACT = register_backend(
    BackendProvider("exact", "their exact distribution, fast", _open_ideal, names=lambda: ("exact",))
)
FAKE = register_backend(
    BackendProvider(
        "fake_<device>", "published noise on Aer", _open_fake, device=_fake_device, names=_fake_names
    )
)
EXACT_FAKE = register_backend(
    BackendProvider(
        "exact:fake_<device>",
        "the exact distribution of one neuron at a time, published noise included, fast",
        _open_fake,
        device=_fake_device,
        names=lambda: (f"exact:{name}" for name in _fake_names()),
    )
)
IBM = register_backend(BackendProvider("ibm_<device>", "hardware, with an account", _open_ibm, hardware=True))
LIF_NEURONS = register_backend(
    BackendProvider("lif", "LIF neurons, classical", _open_lif, names=lambda: ("lif",))
)
