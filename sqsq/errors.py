"""The one small hierarchy of errors that a user can meet, each with its exit code."""

from sqsq.redaction import without_secrets


class SqsqError(Exception):
    """A failure with a one-line explanation: what went wrong, which value, what is allowed.

    Whatever a name, a path or another program put into it, it is one printable line, and it holds no key in
    use and no access token: what a service echoes is blanked here.
    """

    exit_code = 1

    def __init__(self, message: object = "") -> None:
        """Say what happened."""
        super().__init__(printable(without_secrets(str(message))))


def printable(text: str) -> str:
    """Text without line breaks, and with the escapes of what cannot be printed."""
    line = " ".join(part.strip() for part in text.splitlines()) if len(text.splitlines()) > 1 else text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


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


class DivergenceError(SqsqError):
    """A training run that went wrong: numbers that grew beyond what can be computed with.

    Not a wrong argument: the settings were allowed, and only the run shows that they do not learn. Its exit
    code is that of a run that failed.
    """
