"""From the name that ``--backend`` is given to an engine."""

from difflib import get_close_matches

from sqsq.engines.protocol import Engine
from sqsq.errors import BackendError


def open_engine(name: str, seed: int = 0, *, idle_noise: bool = True) -> Engine:
    """Open a backend by its name.

    Args:
        name: ``aer`` (ideal) or ``fake_<device>`` (that device's published noise), both Aer; ``exact``
            or ``exact:fake_<device>``, the same distributions by the instrument, much faster.
        seed: The seed of all random numbers.
        idle_noise: Whether the noise of waiting qubits is simulated on ``fake_<device>``.

    Raises:
        BackendError: If there is no such backend, or it is hardware. Nothing else is run instead.
    """
    kind, _, device = name.partition(":")
    if name.startswith("ibm_"):
        raise BackendError(_hardware_message(name))
    if kind == "exact" and (not device or device.startswith("fake_")):
        from sqsq.engines.circuit_sources import circuits_of
        from sqsq.engines.exact import ExactEngine

        return ExactEngine(name, circuits_of(device, idle_noise=idle_noise), seed)
    if name == "aer" or name.startswith("fake_"):
        from sqsq.engines.aer import AerEngine
        from sqsq.engines.circuit_sources import circuits_of

        return AerEngine(name, circuits_of("" if name == "aer" else name, idle_noise=idle_noise), seed)
    raise BackendError(
        f"unknown backend {name!r}{_suggestion(name)}: choose aer, exact, fake_<device> or "
        "exact:fake_<device> (sqsq backends lists them)"
    )


def _hardware_message(name: str) -> str:
    snapshot = name.replace("ibm_", "fake_", 1)
    return (
        f"{name} is hardware: it needs an IBM Quantum account (QISKIT_IBM_TOKEN and QISKIT_IBM_INSTANCE in "
        "the environment, see https://quantum.cloud.ibm.com), and this version of sqsq does not submit to "
        f"hardware yet; nothing was run in its place. Its noise, where published, is --backend {snapshot}"
    )


def _suggestion(name: str) -> str:
    from sqsq.engines.fake import fake_names

    close = get_close_matches(name, ("aer", "exact", *fake_names()), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
