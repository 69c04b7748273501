"""What exceptions of the IBM client mean: come back later, or an error for the user."""

from typing import NoReturn

from sqsq.engines.queued import TemporaryError
from sqsq.errors import BackendError
from sqsq.redaction import without_secrets

_LATER = (429, 500, 502, 503, 504, 520, 521, 522, 524)
_NO_ANSWER = -1
"""The client's status code where no answer came."""


def raise_as_ours(error: Exception, doing: str) -> NoReturn:
    """Raise what an exception of the client means.

    Raises:
        TemporaryError: If the service was busy, failing or out of reach.
        BackendError: If it refused, or the client did.
        Exception: The error itself, if it is neither's but a fault of a program.
    """
    from ibm_cloud_sdk_core import ApiException
    from qiskit.exceptions import QiskitError

    if not isinstance(error, QiskitError | ApiException | OSError):  # requests' errors are OSErrors
        raise error
    status = _status(error)
    if status in _LATER or status == _NO_ANSWER:
        # a 429 was refused; after anything else the service may have done it
        raise TemporaryError(explained(error, doing), may_have_arrived=status != 429) from None
    raise BackendError(explained(error, doing)) from None


def explained(error: Exception, doing: str) -> str:
    """One line that says what failed and why, without the token."""
    from ibm_cloud_sdk_core import ApiException
    from qiskit_ibm_runtime.exceptions import IBMNotAuthorizedError

    status = _status(error)
    refused = status in (400, 401, 403) and isinstance(error, ApiException)
    if refused or isinstance(error, IBMNotAuthorizedError) or status == 401:
        return (
            f"{doing}: IBM Quantum refused the credentials (expired, revoked, or of another instance): check "
            "QISKIT_IBM_TOKEN and QISKIT_IBM_INSTANCE"
        )
    if status == _NO_ANSWER:
        return f"{doing}: no answer from the service (is there a network?)"
    lines = without_secrets(str(getattr(error, "message", "") or error)).strip().splitlines()
    return f"{doing}: {lines[0] if lines else type(error).__name__}"


def _status(error: BaseException) -> int | None:
    """The HTTP status of a client error; the client often keeps it only in the error's context."""
    from ibm_cloud_sdk_core import ApiException
    from qiskit_ibm_runtime.api.exceptions import RequestsApiError
    from requests import ConnectionError, RequestException, Timeout

    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, RequestsApiError):
            code = seen.status_code
            # the client reports a 503 without its code
            return 503 if code == -1 and "maintenance" in str(seen) else code
        if isinstance(seen, ApiException):
            return int(seen.status_code or 0)
        if isinstance(seen, ConnectionError | Timeout):
            return _NO_ANSWER
        if isinstance(seen, RequestException) and seen.response is not None:
            return seen.response.status_code
        seen = seen.__cause__ or seen.__context__
    return None
