"""The account: credentials, instance, devices."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqsq.engines.fake import fake_names
from sqsq.engines.ibm.credentials import find_credentials
from sqsq.engines.ibm.failures import UnreadableError, asking, raise_as_ours
from sqsq.engines.queued import TemporaryError
from sqsq.errors import BackendError


def open_service(instance: str | None = None) -> Any:
    """Log in with what ``find_credentials`` finds.

    Args:
        instance: The instance (its name or CRN) to use instead of the account's.

    Returns:
        A ``QiskitRuntimeService``.

    Raises:
        BackendError: If credentials are missing, unsafe or refused.
        TemporaryError: If the service cannot be reached.
    """
    from qiskit_ibm_runtime import QiskitRuntimeService

    credentials = find_credentials()
    # it repeats what the service said, which may be the key; the request that fails for it is told of
    warnings.filterwarnings("ignore", "Unable to retrieve IBM Cloud access token")
    try:
        with _quiet_client():
            service = QiskitRuntimeService(**credentials.arguments(instance))
    except Exception as error:
        raise_as_ours(_cause(error), "logging in to IBM Quantum")
    return service


def device_backend(service: Any, name: str) -> Any:
    """A device of the account.

    Raises:
        BackendError: If the account does not offer it; the message lists what it offers.
        TemporaryError: If the service cannot be reached.
    """
    from qiskit.providers import QiskitBackendNotFoundError

    with asking(f"looking up {name}"):
        try:
            backend = service.backend(name)
        except QiskitBackendNotFoundError:
            forget_configuration(service, name)
            refusal = _not_offered(service, name)
            # by now: the client takes a list that it cannot read for an empty one
            if name in _listed(service):
                raise UnreadableError(f"looking up {name}: the service's reply cannot be read") from None
            raise BackendError(refusal) from None
        if backend.properties() is None:  # without them the client makes a device whose gates take no time
            raise UnreadableError(f"looking up {name}: the service tells nothing of its gates")
        operations = backend.target.operation_names
    if "if_else" not in operations or "reset" not in operations:
        raise BackendError(
            f"{name} runs no dynamic circuits (mid-circuit measurement, reset and conditionals), which "
            f"neurons are: {_offer(service)}"
        )
    return backend


def forget_configuration(service: Any, name: str) -> None:
    """Make the client ask for a configuration again: it keeps a reply also where it could not read it."""
    service._backend_configs.pop(name, None)
    for client in service._api_clients.values():
        client._configuration_registry.pop(name, None)


def _listed(service: Any) -> set[str]:
    """The devices that the service listed, whether or not the client could describe them."""
    return {info["name"] for infos in service._backends_info_per_instance.values() for info in infos}


def check_quota(service: Any, backend: Any) -> None:
    """Check that the instance through which a device is used has QPU time left.

    Raises:
        BackendError: If it has none.
        TemporaryError: If the service cannot be reached.
    """
    with asking("asking for the QPU time that is left"):
        usage = service._get_api_client(backend._instance).cloud_usage()  # usage() asks the active instance
        reached = usage.get("usage_limit_reached")
    if reached:
        raise BackendError(
            f"instance {usage.get('instance_id')} has used {usage.get('usage_consumed_seconds')} of its "
            f"{usage.get('usage_limit_seconds')} QPU seconds: wait for the next period or choose another "
            "with --instance"
        )


def plan_of(service: Any, instance: str | None) -> str:
    """The plan of an instance, such as ``open``; empty where it is not told.

    Raises:
        TemporaryError: If the service cannot be reached.
    """
    with asking("asking for the plan of the instance"):
        plans = [each.get("plan") for each in service.instances() if each.get("crn") == instance]
        return str(plans[0]).lower() if plans and plans[0] else ""


def _not_offered(service: Any, name: str) -> str:
    message = f"this account does not offer {name}: {_offer(service)}"
    snapshot = name.replace("ibm_", "fake_", 1)
    if snapshot in fake_names():
        message += f"; the noise of its last calibration is --backend {snapshot}"
    return message


def _offer(service: Any) -> str:
    with asking("listing the devices of the account"):
        backends = [(backend.name, backend.status().pending_jobs) for backend in service.backends()]
    if not backends:
        # the client takes an instance whose devices it could not list for one without any
        raise TemporaryError("the service lists no device for this account", may_have_arrived=False)
    return "it offers " + ", ".join(f"{name} ({pending} jobs waiting)" for name, pending in backends)


def _cause(error: Exception) -> Exception:
    """What lies under the client's "unable to retrieve instances": a refusal, or no answer."""
    from qiskit_ibm_runtime.accounts.exceptions import AccountsError

    under = error.__context__
    return under if isinstance(error, AccountsError) and isinstance(under, Exception) else error


@contextmanager
def _quiet_client() -> Iterator[None]:
    """Nothing of what the client says of the way in which it was given the key."""
    logger = logging.getLogger("qiskit_ibm_runtime.qiskit_runtime_service")

    def says_more(record: logging.LogRecord) -> bool:
        return "with the given token" not in record.getMessage()

    logger.addFilter(says_more)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.removeFilter(says_more)
