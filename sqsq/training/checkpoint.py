"""Where training stands, in one file that is replaced as a whole."""

from dataclasses import asdict, dataclass
from pathlib import Path

from sqsq.errors import DataError, JobError
from sqsq.files import read_archive, write_archive
from sqsq.tables import Usage
from sqsq.training.trainer import Arrays

FORMAT = "sqsq-checkpoint"
VERSION = 3
"""Versions 1 and 2 knew one model only."""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What is needed to go on after an iteration.

    All random numbers of an iteration derive from the run's seed and the iteration's number, so these
    two are the random state.

    Attributes:
        iteration: Iterations done.
        arrays: The state of the trainer.
        usage: What training has used so far.
        usage_evaluating: What evaluating has used.
        seconds_evaluating: Wall-clock time of evaluating.
    """

    iteration: int
    arrays: Arrays
    usage: Usage
    usage_evaluating: Usage
    seconds_evaluating: float


def save_checkpoint(path: Path, checkpoint: Checkpoint, run: str) -> None:
    """Write a checkpoint of a run, replacing the last one only once all is written."""
    header = {
        "iteration": checkpoint.iteration,
        "usage": asdict(checkpoint.usage),
        "usage_evaluating": asdict(checkpoint.usage_evaluating),
        "seconds_evaluating": checkpoint.seconds_evaluating,
    }
    write_archive(path, kind=FORMAT, version=VERSION, header=header, arrays=checkpoint.arrays, run=run)


def load_checkpoint(path: Path, run: str) -> Checkpoint | None:
    """Read the checkpoint of a run; None if there is none yet.

    Raises:
        JobError: If it is damaged, of another version or another run's.
    """
    try:
        archive = read_archive(path, kind=FORMAT, version=VERSION, run=run)
    except FileNotFoundError:
        return None
    except DataError as error:
        raise JobError(str(error)) from error
    header = archive.header
    return Checkpoint(
        header["iteration"],
        archive.arrays,
        Usage(**header["usage"]),
        Usage(**header["usage_evaluating"]),
        header["seconds_evaluating"],
    )
