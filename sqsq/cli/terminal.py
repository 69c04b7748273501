"""Tables, progress and words on any terminal: narrow, dumb, or of few characters.

Nothing is shortened: cells fold between words, and a table that does not fit is printed as wide as its words.
Names and paths are printed as they are, never read as markup.
"""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.status import Status
from rich.table import Column, Table

from sqsq.cli.streams import ReaderGoneError

_UNLIMITED = 10_000
"""Columns of a terminal on which every word fits."""


def print_table(table: Table, *, stderr: bool = False) -> None:
    """Print a table, no narrower than its longest words."""
    console = _console(stderr)
    unlimited = console.options.update(width=_UNLIMITED)
    for column in table.columns:
        cells = (column.header, *column.cells)
        column.min_width = max(console.measure(cell, options=unlimited).minimum for cell in cells)
    console.print(table, crop=False)


def print_line(words: str, *, stderr: bool = False) -> None:
    """Print one line, which only the terminal itself breaks."""
    _console(stderr).print(words, soft_wrap=True, highlight=False)


def status(words: str) -> Status:
    """Words on stderr with something that turns while there is work to do."""
    return _console(stderr=True).status(words, spinner="line")


def progress(field: str) -> Progress:
    """A bar on stderr with one field of words at its end.

    Args:
        field: The name of the field.
    """
    return Progress(
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="crop")),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn(
            f"{{task.fields[{field}]}}", markup=False, table_column=Column(no_wrap=True, overflow="crop")
        ),
        console=_console(stderr=True),
    )


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise ReaderGoneError


def _console(stderr: bool) -> Console:
    return _Console(stderr=stderr, markup=False, emoji=False)
