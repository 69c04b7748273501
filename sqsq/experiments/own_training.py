"""Train on any examples: a data set by its name, a file, or arrays."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqsq.checks import settings_with
from sqsq.data import Dataset, dataset_from_arrays
from sqsq.errors import UsageError
from sqsq.experiments.settings import ARRAYS, TrainUspsSettings
from sqsq.experiments.trained_run import TrainedRun
from sqsq.experiments.usps_training import train_usps
from sqsq.jobs import Execution
from sqsq.report import IterationMetrics


def train(
    data: Any,
    y: Any = None,
    *,
    x_test: Any = None,
    y_test: Any = None,
    run_dir: Path | str | None = None,
    resume: bool = False,
    execution: Execution | None = None,
    on_iteration: Callable[[IterationMetrics], None] | None = None,
    on_wait: Callable[[str], None] | None = None,
    on_note: Callable[[str], None] | None = None,
    progress: bool = False,
    **changes: Any,
) -> TrainedRun:
    """Train a network to tell classes apart, and evaluate it.

        run = sqsq.train(x, y, hidden=(16,), backend="exact")
        run.accuracy, run.confusion, run.predict(x[:3]).classes

    Args:
        data: Examples x, values in [0, 1], shape (examples, ...), or spike trains where ``encoder`` is
            ``direct``; or a ``Dataset``; or the name of a data set; or an ``.npz`` file, see ``read_arrays``.
        y: The labels of examples: whole numbers, texts or truth values; see ``dataset_from_arrays``.
        x_test: Examples to test on; a fifth of x, which then does not train, if None.
        y_test: Their labels.
        run_dir: Where to write the run's files; nothing is written if None. Hardware needs one.
        resume: Whether to go on with the run in ``run_dir``, if there is one, on the same data.
        execution: Where chunks run and what they may cost.
        on_iteration: Called after every iteration.
        on_wait: Called with a few words on what is being waited for.
        on_note: Called with a line that should be read.
        progress: Whether to show progress while downloading data.
        **changes: Settings, see ``TrainUspsSettings``; ``classes`` are all that there are by default, and
            ``backend`` may also be what ``engine_of`` takes, such as ``AerSimulator.from_backend(...)``.

    Raises:
        UsageError: If examples or labels are not what is allowed, or as ``train_usps``.
        SqsqError: As ``train_usps``.
    """
    named = isinstance(data, str | Path)
    if y is None and (named or isinstance(data, Dataset)):
        if x_test is not None or y_test is not None:
            raise UsageError("x_test and y_test go with examples x and labels y")
        dataset = data if isinstance(data, Dataset) else None
    elif named or isinstance(data, Dataset):
        raise UsageError("y goes with examples x: a data set has its own labels")
    else:
        if y is None:
            raise UsageError("y is missing: a label for each example of x")
        named_settings = {name: value for name, value in changes.items() if name != "backend"}
        encoding = settings_with(TrainUspsSettings, None, {**named_settings, "data": ARRAYS}).encoding
        dataset = dataset_from_arrays(data, y, x_test, y_test, encoder=encoding)
    return train_usps(
        run_dir=run_dir,
        resume=resume,
        execution=execution,
        on_iteration=on_iteration,
        on_wait=on_wait,
        on_note=on_note,
        progress=progress,
        dataset=dataset,
        **{"classes": (), **changes, "data": str(data) if named else ARRAYS},
    )
