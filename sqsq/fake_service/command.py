"""The command line of the rehearsal."""

import threading

import click

from sqsq.engines import fake_backend
from sqsq.errors import SqsqError
from sqsq.fake_service.faults import RandomFaults
from sqsq.fake_service.service import FakeService
from sqsq.shell import shell_command


@click.command()
@click.option(
    "--port",
    default=8999,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port on 127.0.0.1; 0 for one that is free.",
)
@click.option("--device", default="fake_brisbane", show_default=True, help="The fake backend that plays it.")
@click.option("--noise/--no-noise", default=True, show_default=True, help="Errors of its gates and readout.")
@click.option("--fault-rate", default=0.0, show_default=True, help="Share of requests that go wrong.")
def command(port: int, device: str, noise: bool, fault_rate: float) -> None:
    """Play IBM Quantum on this machine until Ctrl-C.

    Jobs are simulated, and nothing is charged. Paste the lines that are printed into the shell in which
    sqsq will run.
    """
    if not 0.0 <= fault_rate <= 1.0:
        raise click.UsageError(f"fault-rate is {fault_rate}: a share from 0 to 1")
    try:
        _play(port, device, noise, RandomFaults(fault_rate) if fault_rate else None)
    except SqsqError as error:
        raise click.ClickException(str(error)) from None


def _play(port: int, device: str, noise: bool, faults: RandomFaults | None) -> None:
    name = device.replace("fake_", "ibm_", 1)
    with FakeService({name: fake_backend(device)}, noise, random_faults=faults, port=port) as service:
        try:
            for variable, value in service.environment().items():
                click.echo(f"export {variable}={shell_command(value)}")
            what = f"sqsq train-usps --backend {name} --dry-run"
            click.echo(f"# then: {what}    (Ctrl-C here ends the service)")
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo(f"# {len(service.jobs)} jobs were run")
