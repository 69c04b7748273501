"""What exceptions of the IBM client mean: come back later, or an error for the user."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from sqsq.engines.queued import NoRoomError, TemporaryError
from sqsq.errors import BackendError, SqsqError
from sqsq.redaction import without_secrets

_LATER = (408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 529, 530)
_NO_ANSWER = -1
"""The client's status code where no answer came."""
_TOO_MANY = r"(maximum|limit|too many|exceed\w*)\b"
_JOBS = r"\b(pending|queued|concurrent|outstanding|active)\b.*\b(job|workload)"
_NO_ROOM = re.compile(
    rf"{_TOO_MANY}.*{_JOBS}|{_JOBS}.*{_TOO_MANY}|too many (jobs|workloads)\b|\bcode:? 3458\b",
    re.IGNORECASE | re.DOTALL,
)
_BATCH_CLOSED = re.compile(
    r"\b(session|batch)\b.*\b(closed|closing|expired|terminated|inactive|not? (longer )?accept\w*)\b",
    re.IGNORECASE | re.DOTALL,
)
_REFUSALS = (400, 403, 409, 422)
"""Status codes with which a service may say that it will take the same job later."""


class UnreadableError(TemporaryError):
    """The service said something that cannot be understood."""

    def __init__(self, reason: str) -> None:
        """Say what; the request may have been carried out."""
        super().__init__(reason, may_have_arrived=True)


class BatchClosedError(TemporaryError):
    """The batch takes no more jobs; nothing was carried out."""

    def __init__(self, reason: str) -> None:
        """Say what the service said."""
        super().__init__(reason, may_have_arrived=False)


@contextmanager
def asking(doing: str) -> Iterator[None]:
    """Turn whatever goes wrong while the service is asked into what it means.

    Args:
        doing: What is being done, for the message.

    Raises:
        TemporaryError: If the service was busy, failing or out of reach, or said something that cannot be
            understood: a page in place of JSON, a field that is missing. It may have carried the request
            out, and what it has done is never a reason to ask for it a second time.
        BackendError: If it refused, or the client did.
    """
    try:
        yield
    except (SqsqError, TemporaryError):
        raise
    except Exception as error:
        raise_as_ours(error, doing)


def raise_as_ours(error: Exception, doing: str) -> NoReturn:
    """Raise what an exception of the client means; see ``asking``."""
    from ibm_cloud_sdk_core import ApiException
    from qiskit.exceptions import QiskitError
    from requests import JSONDecodeError

    spoken = isinstance(error, QiskitError | ApiException | OSError)  # requests' errors are OSErrors
    if not spoken or isinstance(error, JSONDecodeError):
        raise UnreadableError(_unreadable(error, doing)) from None
    status = status_of(error)
    text = _whole_text(error)
    if status in _REFUSALS and _NO_ROOM.search(text):
        raise NoRoomError(explained(error, doing)) from None
    if status in _REFUSALS and _BATCH_CLOSED.search(text):
        raise BatchClosedError(explained(error, doing)) from None
    if status in _LATER or status == _NO_ANSWER:
        # a 429 was refused; after anything else the service may have done it
        raise TemporaryError(explained(error, doing), may_have_arrived=status != 429) from None
    raise BackendError(explained(error, doing)) from None


def _unreadable(error: Exception, doing: str) -> str:
    lines = without_secrets(str(error)).strip().splitlines()
    said = f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
    return f"{doing}: the service's reply cannot be read ({said})"


def _whole_text(error: BaseException) -> str:
    """What the error and all that it came from say."""
    said = []
    seen: BaseException | None = error
    while seen is not None:
        said.append(str(getattr(seen, "message", "") or seen))
        seen = seen.__cause__ or seen.__context__
    return " ".join(said)


def explained(error: Exception, doing: str) -> str:
    """One line that says what failed and why, without the token."""
    from ibm_cloud_sdk_core import ApiException
    from qiskit_ibm_runtime.exceptions import IBMNotAuthorizedError

    status = status_of(error)
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


def status_of(error: BaseException) -> int | None:
    """The HTTP status of a client error, or of ours that came from one.

    The client often keeps it only in the error's context.
    """
    from ibm_cloud_sdk_core import ApiException
    from qiskit_ibm_runtime.api.exceptions import RequestsApiError
    from qiskit_ibm_runtime.exceptions import RuntimeJobNotFound
    from requests import ConnectionError, RequestException, Timeout

    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, RequestsApiError):
            code = seen.status_code
            # the client reports a 503 without its code
            return 503 if code == -1 and "maintenance" in str(seen) else code
        if isinstance(seen, RuntimeJobNotFound):
            return 404
        if isinstance(seen, ApiException):
            return int(seen.status_code or 0)
        if isinstance(seen, ConnectionError | Timeout):
            return _NO_ANSWER
        if isinstance(seen, RequestException) and seen.response is not None:
            return seen.response.status_code
        seen = seen.__cause__ or seen.__context__
    return None
