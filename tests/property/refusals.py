"""What a refusal looks like: one of sqsq's own errors, in one line that says something."""

from contextlib import contextmanager

import click

from sqsq.errors import SqsqError

EXIT_CODES = {0, 1, 2, 3, 4, 5}
LONGEST = 1_500
"""Characters of a message beyond which nobody reads it."""


class Outcome:
    """What became of an attempt.

    Attributes:
        refusal: The error, or None where it was taken.
    """

    refusal = None


@contextmanager
def taken_or_refused():
    """Let sqsq's own errors pass, and no others, if they are one line."""
    outcome = Outcome()
    try:
        yield outcome
    except SqsqError as error:
        check_line(str(error))
        outcome.refusal = error
    except click.ClickException as error:
        check_line(error.format_message())
        outcome.refusal = error


def check_line(message):
    """Check that a message is one readable line."""
    assert message.strip(), "the message is empty"
    assert len(message.splitlines()) == 1, f"{len(message.splitlines())} lines: {message!r}"
    assert len(message) <= LONGEST, f"{len(message)} characters: {message[:200]!r}"
    assert message.isprintable(), f"unprintable: {message!r}"
