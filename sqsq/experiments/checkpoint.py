"""Where a training run stands, in one file that is replaced as a whole."""

import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from sqsq.errors import JobError, UsageError
from sqsq.jobs import Usage
from sqsq.learning import TrainingState
from sqsq.learning.optimisers import OptimiserState
from sqsq.model import Parameters

VERSION = 1


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


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, replacing the last one only once all is written."""
    state = checkpoint.state
    header = {
        "version": VERSION,
        "iteration": state.iteration,
        "updates": state.optimiser.updates,
        "usage": asdict(checkpoint.usage),
        "usage_evaluating": asdict(checkpoint.usage_evaluating),
        "seconds_evaluating": checkpoint.seconds_evaluating,
    }
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        np.savez(
            file,
            header=np.array(json.dumps(header)),
            weights=state.parameters.weights,
            theta=state.parameters.theta,
            first_weights=state.optimiser.first.weights,
            first_theta=state.optimiser.first.theta,
            second_weights=state.optimiser.second.weights,
            second_theta=state.optimiser.second.theta,
        )
    partial.replace(path)


def load_checkpoint(path: Path) -> Checkpoint | None:
    """Read a checkpoint; None if there is none yet.

    Raises:
        JobError: If it is damaged or of another version.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            header = json.loads(str(file["header"]))
            arrays = {name: file[name] for name in file.files if name != "header"}
        if header["version"] != VERSION:
            raise JobError(
                f"{path} is a checkpoint of version {header['version']}: this sqsq reads {VERSION}"
            )
        state = TrainingState(
            header["iteration"],
            Parameters(arrays["weights"], arrays["theta"]),
            OptimiserState(
                header["updates"],
                Parameters(arrays["first_weights"], arrays["first_theta"]),
                Parameters(arrays["second_weights"], arrays["second_theta"]),
            ),
        )
        return Checkpoint(
            state,
            Usage(**header["usage"]),
            Usage(**header["usage_evaluating"]),
            header["seconds_evaluating"],
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, UsageError) as error:
        raise JobError(f"{path} is damaged: {error}") from error
