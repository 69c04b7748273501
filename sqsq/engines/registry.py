"""From the name that ``--backend`` is given to an engine."""

from collections.abc import Callable, Sequence

from sqsq.checks import did_you_mean
from sqsq.engines.choice import BackendChoice
from sqsq.engines.device_program import DevicePrograms, Placement
from sqsq.engines.given import GIVEN
from sqsq.engines.grouped import GroupedEngine
from sqsq.engines.protocol import IdentifiedEngine
from sqsq.engines.queued import QueuedEngine
from sqsq.errors import BackendError, UsageError
from sqsq.tables import Template


def open_engine(
    name: str, seed: int = 0, *, idle_noise: bool = True, placement: Placement | None = None
) -> IdentifiedEngine:
    """Open a simulated backend by its name.

    Args:
        name: ``aer`` (ideal) or ``fake_<device>`` (that device's published noise), both Aer; ``exact``
            or ``exact:fake_<device>``, the same distributions by the instrument, much faster.
        seed: The seed of all random numbers.
        idle_noise: Whether the noise of waiting qubits is simulated on ``fake_<device>``.
        placement: Where neurons run on the device: by default on the qubits of least error.

    Raises:
        BackendError: If there is no such backend, or it is hardware. Nothing else is run instead.
    """
    if name.startswith("ibm_"):
        raise BackendError(
            f"{name} is hardware, where tables become queued jobs: use open_hardware, or train_usps with a "
            "run directory; nothing was run in its place"
        )
    return open_simulator(BackendChoice(name, seed, idle_noise, placement or Placement()))


def open_simulator(choice: BackendChoice) -> IdentifiedEngine:
    """Open a simulated backend.

    Raises:
        BackendError: If there is no such backend. Nothing else is run instead.
        UsageError: If qubits are chosen where there are none to choose from.
    """
    if choice.name == GIVEN:
        raise BackendError(
            "this run's backend was handed over by a program: hand it over again, backend=..., or name "
            "another one, such as exact"
        )
    kind, _, device = choice.name.partition(":")
    if kind == "exact" and (not device or device.startswith("fake_")):
        return _placed(choice, device)
    if choice.name == "aer" or choice.name.startswith("fake_"):
        return _placed(choice, "" if choice.name == "aer" else choice.name)
    raise BackendError(
        f"unknown backend {choice.name!r}{_suggestion(choice.name)}: choose aer, exact, fake_<device>, "
        "exact:fake_<device> (sqsq backends lists them) or ibm_<device>"
    )


def open_hardware(choice: BackendChoice, *, resuming: bool = False) -> QueuedEngine:
    """Open a real device.

    Args:
        choice: Which.
        resuming: Whether the device need not be there: jobs that are out are fetched or cancelled first.

    Raises:
        BackendError: If credentials are missing or refused, or the account does not offer the device.
        TemporaryError: If the service cannot be reached.
    """
    from sqsq.engines.ibm import HardwareEngine, open_service

    engine = HardwareEngine(open_service(choice.instance), choice.name, choice.placement, batch=choice.batch)
    if not resuming:
        engine.open_device()
    return engine


def device_programs(choice: BackendChoice) -> DevicePrograms | None:
    """How tables would run as jobs on the device of a ``fake_`` backend; None for ideal ones."""
    from sqsq.engines.device import device_of
    from sqsq.engines.fake import fake_backend

    device = choice.name.removeprefix("exact:")
    if not device.startswith("fake_"):
        return None
    return DevicePrograms(device_of(fake_backend(device)), choice.placement)


def _placed(choice: BackendChoice, device: str) -> IdentifiedEngine:
    """One engine, or one for each group that was asked for."""
    placement = choice.placement
    if not device:
        if placement.layout or isinstance(placement.pack, int):
            raise UsageError(
                f"{choice.name} has no qubits to choose from (layout, pack): use fake_<device> "
                "or ibm_<device>"
            )
        return _engine(choice, device, None)
    if not placement.layout and not isinstance(placement.pack, int):
        return _engine(choice, device, None)
    programs = device_programs(choice)
    assert programs is not None

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
    if choice.name.startswith("exact"):
        from sqsq.engines.exact import ExactEngine

        return ExactEngine(choice.name, source, choice.seed, ideal=not device)
    from sqsq.engines.aer import AerEngine
    from sqsq.engines.network_sources import networks_of

    networks = networks_of(device, idle_noise=choice.idle_noise)
    return AerEngine(choice.name, source, choice.seed, fuse=networks, threads=choice.threads)


def _suggestion(name: str) -> str:
    from sqsq.engines.fake import fake_names

    return did_you_mean(name, ("aer", "exact", *fake_names()))
