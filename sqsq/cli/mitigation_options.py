"""Options that say what is done about noise; ``train-usps`` and ``evaluate`` share them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from sqsq.cli.option_types import NUMBERS
from sqsq.estimation import Fit, Readout
from sqsq.experiments import TrainUspsSettings
from sqsq.tables import FoldedGates

Command = TypeVar("Command", bound=Callable[..., Any])

_DEFAULTS = TrainUspsSettings()


def mitigation_options(command: Command) -> Command:
    """Add them, with the names and defaults of the settings."""
    scales = ",".join(f"{scale:g}" for scale in _DEFAULTS.zne_scales)
    for option in (
        click.option(
            "--calibration",
            type=click.Path(path_type=Path),
            help="Use the calibration.json of another run.",
        ),
        click.option(
            "--calibration-readings",
            type=int,
            default=_DEFAULTS.calibration_readings,
            show_default=True,
            help="How often a calibration reads each state of a qubit.",
        ),
        click.option(
            "--mitigation",
            type=click.Choice(["auto", "none"]),
            help="auto: what is predicted to err least, by at least 2 %; in place of --zne and --readout.",
        ),
        click.option(
            "--readout",
            is_flag=False,
            flag_value="calibration",
            default="none",
            type=click.Choice(get_args(Readout)),
            help="Readout correction; parity needs --zne.  [default: none; without a kind: calibration]",
        ),
        click.option(
            "--zne-gates",
            type=click.Choice(get_args(FoldedGates)),
            default=_DEFAULTS.zne_gates,
            show_default=True,
            help="Gates that are folded.",
        ),
        click.option(
            "--zne-fit",
            type=click.Choice(get_args(Fit)),
            default=_DEFAULTS.zne_fit,
            show_default=True,
            help="The curve through them.",
        ),
        click.option(
            "--zne-scales",
            type=NUMBERS,
            default=_DEFAULTS.zne_scales,
            show_default=scales,
            help="Noise scales.",
        ),
        click.option(
            "--zne", is_flag=True, help="Zero-noise extrapolation; the shots are split over noise scales."
        ),
    ):
        command = option(command)
    return command
