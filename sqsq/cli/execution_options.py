"""Options that say how a run is carried out; ``train-usps`` and ``resume`` share them."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

EXECUTION_OPTIONS = (
    *("workers", "dask", "max_qpu_seconds", "max_pending", "instance", "batch"),
    "accept_device_changes",
)


def execution_options(command: Command) -> Command:
    """Add them; where the user gives none they are None, and defaults or the run's own hold."""
    for option in (
        click.option(
            "--accept-device-changes",
            is_flag=True,
            default=None,
            help="Go on although the device is not the one that the run began on: other qubits or circuits.",
        ),
        click.option("--batch/--no-batch", default=None, help="Hardware jobs in a batch, or one by one."),
        click.option("--instance", metavar="NAME", help="IBM Quantum instance; the account's by default."),
        click.option(
            "--max-pending", type=int, help="Hardware jobs out at once.  [default: 3 on the Open Plan]"
        ),
        click.option(
            "--max-qpu-seconds",
            type=float,
            help="Stop before more QPU seconds are spent.  [default: 600, one Open Plan]",
        ),
        click.option("--dask", metavar="ADDRESS", help="Run a simulator's chunks on a Dask cluster."),
        click.option("--workers", type=int, help="Run a simulator's chunks in so many processes."),
    ):
        command = option(command)
    return command


def given(options: dict[str, Any]) -> dict[str, Any]:
    """Those that the user gave, as fields of ``Execution``; they are taken out of the options."""
    found = {name: options.pop(name) for name in EXECUTION_OPTIONS}
    return {name: value for name, value in found.items() if value is not None}
