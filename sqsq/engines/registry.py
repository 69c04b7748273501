"""From the name that ``--backend`` is given to an engine."""

from difflib import get_close_matches

from sqsq.engines.protocol import Engine
from sqsq.errors import BackendError


def open_engine(name: str, seed: int = 0, *, idle_noise: bool = True) -> Engine:
    """Open a backend by its name.

    Args:
        name: ``aer`` (ideal) or ``fake_<device>`` (that device's published noise).
        seed: The seed of a simulator.
        idle_noise: Whether the noise of waiting qubits is simulated on ``fake_<device>``.

    Raises:
        BackendError: If there is no such backend, or it is hardware. Nothing else is run instead.
    """
    if name == "aer":
        from sqsq.engines.ideal import ideal_engine

        return ideal_engine(seed)
    if name.startswith("fake_"):
        from sqsq.engines.fake import fake_engine

        return fake_engine(name, seed, idle_noise=idle_noise)
    if name.startswith("ibm_"):
        raise BackendError(_hardware_message(name))
    raise BackendError(
        f"unknown backend {name!r}{_suggestion(name)}: choose aer or fake_<device> (sqsq backends lists them)"
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

    close = get_close_matches(name, ("aer", *fake_names()), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
