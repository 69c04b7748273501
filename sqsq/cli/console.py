"""Rich's console for text that is a user's: nothing in it is markup."""

from rich.console import Console


class PlainConsole(Console):
    """A console that prints brackets, colons and numbers as they are."""

    def __init__(self, *, stderr: bool = False) -> None:
        """Print to standard output, or to standard error."""
        super().__init__(stderr=stderr, markup=False, emoji=False, highlight=False)

    def on_broken_pipe(self) -> None:
        """Leave it to the command: some versions of Rich end the process here."""
        raise
