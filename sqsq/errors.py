"""The one small hierarchy of errors that a user can meet, each with its exit code."""

from sqsq.redaction import without_secrets


class SqsqError(Exception):
    """A failure with a one-line explanation: what went wrong, which value, what is allowed.

    No explanation holds a key in use or an access token: what a service echoes is blanked here.
    """

    exit_code = 1

    def __init__(self, *said: object) -> None:
        """Say what happened."""
        super().__init__(*(without_secrets(each) if isinstance(each, str) else each for each in said))


class UsageError(SqsqError):
    """A wrong argument, a missing extra, or a run directory that cannot be used."""

    exit_code = 2


class BackendError(SqsqError):
    """A backend that does not exist, cannot be reached, or cannot run the circuits."""

    exit_code = 3


class DataError(SqsqError):
    """A data set or file that is missing, corrupt, or not the one that was asked for."""

    exit_code = 4


class BudgetError(SqsqError):
    """A run that would have gone beyond its budget of QPU seconds; it can be resumed with another."""

    exit_code = 5


class JobError(SqsqError):
    """Jobs that failed for good or were cancelled, or a ledger that is damaged."""
