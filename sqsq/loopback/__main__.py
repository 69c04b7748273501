"""Rehearse a hardware run: ``python -m sqsq.loopback``."""

import threading

import click

from sqsq.engines.fake import fake_backend
from sqsq.errors import SqsqError
from sqsq.loopback import Loopback, RandomFaults


@click.command()
@click.option("--port", default=8999, show_default=True, help="Port on 127.0.0.1.")
@click.option("--device", default="fake_brisbane", show_default=True, help="The fake backend that plays it.")
@click.option("--noise/--no-noise", default=True, show_default=True, help="Errors of its gates and readout.")
@click.option("--fault-rate", default=0.0, show_default=True, help="Share of requests that go wrong.")
def command(port: int, device: str, noise: bool, fault_rate: float) -> None:
    """Play IBM Quantum on this machine until Ctrl-C.

    Jobs are simulated, and nothing is charged. Paste the lines that are printed into the shell in which
    sqsq will run.
    """
    try:
        backend = fake_backend(device)
    except SqsqError as error:
        raise click.ClickException(str(error)) from None
    name = device.replace("fake_", "ibm_", 1)
    faults = RandomFaults(fault_rate) if fault_rate else None
    with Loopback({name: backend}, noise, random_faults=faults, port=port) as service:
        for variable, value in service.environment().items():
            click.echo(f"export {variable}={value}")
        click.echo(f"# then: sqsq train-usps --backend {name} --dry-run    (Ctrl-C here ends the service)")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo(f"# {len(service.jobs)} jobs were run")


if __name__ == "__main__":
    command()
