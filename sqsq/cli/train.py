"""``sqsq train``."""

from typing import Any

import click

from sqsq.cli.training_options import TrainingCommand, training_options
from sqsq.cli.training_run import run_training, values_given
from sqsq.models import MODELS
from sqsq.runs import known_settings

_NAMES = {name for model in MODELS for name in known_settings(model)}


@click.command(
    "train",
    cls=TrainingCommand,
    examples=(
        "sqsq train digits --classes 3,5,8 --backend exact",
        "sqsq train data.npz --encoder latency --hidden 8 --m 5 --backend exact:fake_brisbane",
        "sqsq train usps --classes 4,9 --iterations 100",
        "sqsq train digits --model reservoir --hidden 60",
        "sqsq train digits --model lif --optimizer adam --lr 0.01",
    ),
)
@click.argument("data", metavar="DATASET")
@training_options(tuple(MODELS), without=("data",))
def command(**options: Any) -> None:
    """Train a model to tell the classes of DATASET apart.

    DATASET is a name of `sqsq data list` or an .npz file with the arrays x (values in [0, 1], or spike trains
    with --encoder direct) and y (labels), and x_test and y_test; without these a fifth of the examples tests.
    Models: local (SQS neurons, the local rule from shots), ideal (exact local gradients), reservoir (a fixed
    network with a linear read-out), lif (classical neurons). Settings that a model does not have are refused.
    """
    values = values_given(_NAMES)
    for name in _NAMES:
        options.pop(name, None)
    run_training("train", values, **options)
