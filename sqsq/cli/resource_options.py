"""Options that say how a run is carried out; commands that train, resume or evaluate share them."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

RESOURCE_OPTIONS = (
    *("workers", "dask", "max_qpu_seconds", "max_pending", "instance", "batch"),
    "accept_device_changes",
)
_SIMULATORS = (
    click.option("--workers", type=int, help="Run a simulator's chunks in so many processes."),
    click.option("--dask", metavar="ADDRESS", help="Run a simulator's chunks on a Dask cluster."),
)
_HARDWARE = (
    click.option(
        "--max-qpu-seconds",
        type=float,
        help="Stop before more QPU seconds are spent.  [default: 600, one Open Plan]",
    ),
    click.option("--max-pending", type=int, help="Hardware jobs out at once.  [default: 3 on the Open Plan]"),
    click.option("--instance", metavar="NAME", help="IBM Quantum instance; the account's by default."),
    click.option("--batch/--no-batch", default=None, help="Hardware jobs in a batch, or one by one."),
    click.option(
        "--accept-device-changes",
        is_flag=True,
        default=None,
        help="Go on although the device is not the one that the run began on: other qubits or circuits.",
    ),
)


def resource_options(simulators: bool = True) -> Callable[[Command], Command]:
    """Those options; where the user gives none they are None, and defaults or the run's own hold.

    Args:
        simulators: Whether those of simulators are among them.
    """

    def add(command: Command) -> Command:
        for option in reversed((*(_SIMULATORS if simulators else ()), *_HARDWARE)):
            command = option(command)
        return command

    return add


def given(options: dict[str, Any]) -> dict[str, Any]:
    """Those that the user gave, as fields of ``Resources``; they are taken out of the options."""
    found = {name: options.pop(name, None) for name in RESOURCE_OPTIONS}
    return {name: value for name, value in found.items() if value is not None}
