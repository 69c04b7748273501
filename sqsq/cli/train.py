"""``sqsq train``."""

from typing import Any

import click

from sqsq.cli.option_types import NAMES
from sqsq.cli.training_options import TrainingCommand, training_options
from sqsq.cli.training_run import run_training


@click.command(
    "train",
    cls=TrainingCommand,
    examples=(
        "sqsq train digits --classes 3,5,8 --backend exact",
        "sqsq train data.npz --encoder latency --hidden 8 --m 5 --backend exact:fake_brisbane",
        "sqsq train usps --classes 4,9 --iterations 100",
    ),
)
@click.argument("data", metavar="DATASET")
@click.option("--classes", type=NAMES, default=(), show_default="all", help="Classes to tell apart.")
@training_options
def command(**options: Any) -> None:
    """Train a spiking network to tell the classes of DATASET apart.

    DATASET is a name of `sqsq data list` or an .npz file with the arrays x (values in [0, 1], or spike trains
    with --encoder direct) and y (labels), and x_test and y_test; without these a fifth of the examples tests.
    """
    run_training("train", **options)
