"""``sqsq data``."""

import click
from rich.table import Table

from sqsq.cli.example_command import ExampleCommand
from sqsq.cli.terminal import print_table
from sqsq.data import CATALOGUE, cache_directory, fetch_files


@click.group("data")
def command() -> None:
    """List and fetch data sets."""


@command.command("list", cls=ExampleCommand, examples=("sqsq data list",))
def list_datasets() -> None:
    """List the data sets and where their files are."""
    table = Table(caption=f"cache: {cache_directory()}")
    for heading in ("data set", "what", "files", "state"):
        table.add_column(heading)
    for entry in CATALOGUE.values():
        cached = all((cache_directory() / file.name).is_file() for file in entry.files)
        state = "in the cache" if cached else "not downloaded"
        if not entry.files:
            state = "bundled"
        elif any(file.url is None for file in entry.files):
            state = "from --data-dir"
        table.add_row(entry.name, entry.summary, "\n".join(file.name for file in entry.files), state)
    print_table(table)


@command.command("fetch", cls=ExampleCommand, examples=("sqsq data fetch usps",))
@click.argument("name")
def fetch(name: str) -> None:
    """Download the files of a data set to the cache."""
    for path in fetch_files(name, progress=True):
        click.echo(path)
