"""Where a training run stands, in one file that is replaced as a whole."""

from dataclasses import asdict, dataclass
from pathlib import Path

from sqsq.errors import DataError, JobError, UsageError
from sqsq.files import read_archive, write_archive
from sqsq.learning import OptimiserState, TrainingState
from sqsq.model import Parameters
from sqsq.tables import Usage

FORMAT = "sqsq-checkpoint"
VERSION = 2
"""Version 1 had no checksum and did not say of which run it was."""
_ARRAYS = ("weights", "theta", "first_weights", "first_theta", "second_weights", "second_theta")


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """What is needed to go on after an iteration.

    All random numbers of an iteration derive from the run's seed and the iteration's number, so these
    two are the random state.

    Attributes:
        state: Iteration, parameters, optimiser.
        usage: What training has used so far.
        usage_evaluating: What evaluating has used.
        seconds_evaluating: Wall-clock time of evaluating.
    """

    state: TrainingState
    usage: Usage
    usage_evaluating: Usage
    seconds_evaluating: float


def save_checkpoint(path: Path, checkpoint: Checkpoint, run: str) -> None:
    """Write a checkpoint of a run, replacing the last one only once all is written."""
    state = checkpoint.state
    header = {
        "iteration": state.iteration,
        "updates": state.optimiser.updates,
        "usage": asdict(checkpoint.usage),
        "usage_evaluating": asdict(checkpoint.usage_evaluating),
        "seconds_evaluating": checkpoint.seconds_evaluating,
    }
    parts = (state.parameters, state.optimiser.first, state.optimiser.second)
    arrays = [array for part in parts for array in (part.weights, part.theta)]
    write_archive(
        path,
        kind=FORMAT,
        version=VERSION,
        header=header,
        arrays=dict(zip(_ARRAYS, arrays, strict=True)),
        run=run,
    )


def load_checkpoint(path: Path, run: str) -> Checkpoint | None:
    """Read the checkpoint of a run; None if there is none yet.

    Raises:
        JobError: If it is damaged, of another version or another run's.
    """
    try:
        archive = read_archive(path, kind=FORMAT, version=VERSION, names=_ARRAYS, run=run)
    except FileNotFoundError:
        return None
    except DataError as error:
        raise JobError(str(error)) from error
    header, arrays = archive.header, archive.arrays
    parameters, first, second = (
        Parameters(arrays[f"{part}weights"], arrays[f"{part}theta"]) for part in ("", "first_", "second_")
    )
    try:
        state = TrainingState(
            header["iteration"], parameters, OptimiserState(header["updates"], first, second)
        )
    except UsageError as error:  # an older sqsq stored what is no longer allowed
        raise JobError(f"{path} is damaged: {error}") from error
    return Checkpoint(
        state, Usage(**header["usage"]), Usage(**header["usage_evaluating"]), header["seconds_evaluating"]
    )
