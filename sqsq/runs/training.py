"""Train a model end to end: from settings to a run directory."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqsq.checks import plain_value
from sqsq.data import Dataset, dataset_from_arrays
from sqsq.engines import GIVEN
from sqsq.errors import UsageError
from sqsq.estimation import Mitigation
from sqsq.jobs import Note, Resources, Tell
from sqsq.models import MitigationSettings, Model, register_model
from sqsq.report import save_training_figure
from sqsq.runs.calibration_file import write_calibration
from sqsq.runs.evaluation_plans import evaluation_plan
from sqsq.runs.groups import ARRAYS
from sqsq.runs.mitigating import (
    NoisyBackend,
    advice_for,
    calibrate_backend,
    check_mitigation,
    choose_mitigation,
)
from sqsq.runs.model_file import save_trained
from sqsq.runs.opening import GivenParts, OpenRun, check_given, opened_run
from sqsq.runs.run_directory import CALIBRATION, RunDirectory
from sqsq.runs.run_lock import check_is_free
from sqsq.runs.settings import RunSettings, settings_from
from sqsq.runs.stored_settings import StoredRun, check_same_settings, resources_of, stored_run
from sqsq.runs.telling import tell_with
from sqsq.runs.trained_run import TrainedRun, run_title
from sqsq.tables import Usage
from sqsq.training import (
    Checkpoint,
    IterationDone,
    IterationMetrics,
    Mitigates,
    Trainer,
    save_checkpoint,
    train_to_the_end,
)


def train(
    data: Any = None,
    y: Any = None,
    *,
    x_test: Any = None,
    y_test: Any = None,
    settings: RunSettings | None = None,
    run_dir: Path | str | None = None,
    resume: bool = False,
    resources: Resources | None = None,
    on_event: Callable[[Any], None] | None = None,
    progress: bool = False,
    backend: Any = None,
    optimizer: Any = None,
    rule: Any = None,
    **changes: Any,
) -> TrainedRun:
    """Train a model to tell the classes of some examples apart, and evaluate it: ``sqsq train``.

    Args:
        data: Examples x, values in [0, 1], shape (examples, ...), or spike trains where ``encoder`` is
            ``direct``; or a ``Dataset``; or the name of a data set; or an ``.npz`` file, see ``read_arrays``;
            what the settings say if None.
        y: The labels of examples: whole numbers, texts or truth values; see ``dataset_from_arrays``.
        x_test: Examples to test on; a fifth of x, which then does not train, if None.
        y_test: Their labels.
        settings: The settings; the defaults of the model if None, or those of the run that is gone on with.
        run_dir: Where to write the run's files; nothing is written if None. Hardware needs one.
        resume: Whether to go on with the run in ``run_dir``, if there is one, on the same data. It goes on
            with its own settings: those given here, and only those, are compared with them.
        resources: Where chunks run and what they may cost; the defaults if None, or as the run that is gone
            on with was begun.
        on_event: Called with every event: ``IterationDone``, ``EvaluationDone``, ``ChunkDone``, ``Charged``,
            ``Waiting`` and ``Note``. Where nobody subscribes, notes become warnings.
        progress: Whether to show progress while downloading data.
        backend: The name of a backend; or what ``engine_of`` takes: an engine, a Qiskit backend that
            simulates, such as ``AerSimulator.from_backend(...)``, or a pair of a sampler and its target.
        optimizer: The name of an optimiser, or an object with ``init`` and ``update``.
        rule: An object with ``m`` and ``gradient``, in place of the model's own rule.
        **changes: Settings to change, by name: ``model``, ``classes``, ``hidden``, ``m`` and so on;
            ``sqsq.settings_with(model, {}).values()`` has them all. ``model`` may also be a ``Model``.

    Returns:
        The finished run.

    Raises:
        UsageError: If examples, labels or a setting are not what is allowed, or the run directory cannot be
            used, is not empty, or holds a run with other settings.
        BackendError: If the backend does not exist, cannot run the circuits, or cannot be reached.
        DataError: If the data set is missing or corrupt.
        JobError: If jobs failed for good or were cancelled.
        BudgetError: If the run would go beyond its budget.
    """
    resources = plain_value(resources, Resources | None, "resources")
    path = plain_value(run_dir, Path | None, "run-dir")
    if isinstance(changes.get("model"), Model):
        changes["model"] = register_model(changes["model"]).name
    if backend is not None:
        changes["backend"] = backend if isinstance(backend, str) else GIVEN
    if isinstance(optimizer, str):
        changes["optimizer"], optimizer = optimizer, None
    directory = None if path is None else RunDirectory(path)
    stored = stored_run(directory) if directory is not None and resume and directory.holds_run else None
    dataset, named = _examples(data, y, x_test, y_test, settings, changes)
    if named is not None:
        changes["data"] = named
    given = GivenParts(dataset, None if isinstance(backend, str) else backend, optimizer, rule)
    tell = tell_with(on_event)
    if stored is None or directory is None:
        if directory is not None:
            check_is_free(directory.path)
        asked = settings_from(settings, changes)
        return _train(asked, resources or Resources(), directory, tell, given, None, progress)
    asked = settings_from(settings or stored.settings, changes)
    check_same_settings(asked, stored.settings, directory)
    return _go_on(directory, resources or resources_of(directory), tell, given, asked, stored, progress)


def resume_training(directory: RunDirectory, resources: Resources, tell: Tell, progress: bool) -> TrainedRun:
    """Go on with a run, from the last thing known.

    Raises:
        DataError: If there is no such run there.
        SqsqError: As ``train``.
    """
    stored = stored_run(directory)
    return _go_on(directory, resources, tell, GivenParts(), stored.settings, stored, progress)


def _go_on(
    directory: RunDirectory,
    resources: Resources,
    tell: Tell,
    given: GivenParts,
    settings: RunSettings,
    stored: StoredRun,
    progress: bool,
) -> TrainedRun:
    check_given(stored.given, given)
    return _train(settings, resources, directory, tell, given, stored, progress)


def _examples(
    data: Any, y: Any, x_test: Any, y_test: Any, settings: RunSettings | None, changes: dict[str, Any]
) -> tuple[Dataset | None, str | None]:
    """The examples that were handed over, and what the setting ``data`` is for them."""
    named = isinstance(data, str | Path)
    if y is None and (data is None or named or isinstance(data, Dataset)):
        if x_test is not None or y_test is not None:
            raise UsageError("x_test and y_test go with examples x and labels y")
        if isinstance(data, Dataset):
            return data, ARRAYS
        return None, str(data) if named else None
    if data is None:
        raise UsageError("x is missing: y holds the labels of examples x")
    if named or isinstance(data, Dataset):
        raise UsageError("y goes with examples x: a data set has its own labels")
    if y is None:
        raise UsageError("y is missing: a label for each example of x")
    encoding = settings_from(settings, changes).data.encoding
    return dataset_from_arrays(data, y, x_test, y_test, encoder=encoding), ARRAYS


def _train(
    settings: RunSettings,
    resources: Resources,
    directory: RunDirectory | None,
    tell: Tell,
    given: GivenParts,
    stored: Any,
    downloads: bool,
) -> TrainedRun:
    mitigation = getattr(settings.trainer, "mitigation", None)
    if isinstance(mitigation, MitigationSettings):
        check_mitigation(mitigation)
    known = None if stored is None else stored.known
    with opened_run(settings, resources, directory, tell, given, known=known, downloads=downloads) as run:
        files = run.files
        point = None if files is None else files.directory.last_checkpoint()
        trainer, used = run.trainer, Usage()
        if (point is None or point.iteration < settings.iterations) and isinstance(
            mitigation, MitigationSettings
        ):
            trainer, used = _mitigated(run, mitigation, resources)
        if point is None:
            point = Checkpoint(0, trainer.arrays(trainer.init()), used, Usage(), 0.0)
        return _to_the_end(run, trainer, point)


def _mitigated(
    run: OpenRun, settings: MitigationSettings, resources: Resources
) -> tuple[Trainer[Any], Usage]:
    """Choose the mitigation of a run and calibrate it; what calibrating used."""
    trainer, name = run.trainer, run.settings.backend.name
    if not isinstance(trainer, Mitigates):  # such as with a rule of the user's own
        if settings != MitigationSettings():
            raise UsageError("nothing is known of how to mitigate what this rule estimates (zne, readout)")
        return trainer, Usage()
    files = run.files
    backend = NoisyBackend(
        run.settings.choice(name, resources),
        run.engines[name],
        run.runners[name],
        None if files is None else files.ledger,
        resources.patience,
        run.tell,
    )
    unmitigated = trainer.with_mitigation(Mitigation())
    mitigation = choose_mitigation(
        settings,
        trainer.shots,
        backend,
        lambda: advice_for(
            settings,
            trainer.shots,
            backend.choice,
            backend.engine,
            unmitigated.step(unmitigated.init(), 0),
        ),
    )
    if files is not None:
        files.start.measured = True
    calibrations, used = calibrate_backend(settings, mitigation, unmitigated.template, backend)
    if files is not None and calibrations:
        with files.directory.writing():
            write_calibration(files.directory.path / CALIBRATION, calibrations[0], files.run)
    return trainer.with_mitigation(mitigation, calibrations), used


def _to_the_end(run: OpenRun, trainer: Trainer[Any], point: Checkpoint) -> TrainedRun:
    """Train from where it stands, and write down every iteration."""
    settings, files, data = run.settings, run.files, run.data
    before = [] if files is None else _pick_up(run, trainer, point)

    def keep(reached: Checkpoint, line: IterationMetrics) -> None:
        if files is None:
            return
        directory = files.directory
        with directory.writing():
            # first: a line means a saved model
            state = trainer.restore(reached.arrays)
            save_trained(directory.model, settings, data.known, trainer, state, files.run)
            directory.append_metrics(line.to_json(), files.run)
            # last: what it has passed is not done again
            save_checkpoint(directory.checkpoint, reached, files.run)
        if not settings.hardware:
            files.ledger.drop_results()

    point, lines = train_to_the_end(
        trainer,
        point,
        settings.iterations,
        run.runners[settings.backend.name],
        evaluating=run.runners[settings.evaluating],
        evaluates_after=settings.evaluates_after,
        evaluate=lambda state, done: evaluation_plan(settings, trainer, state, data, done),
        keep=keep,
        tell=run.tell,
    )
    metrics = (*before, *lines)
    if files is not None:
        try:
            title = run_title(settings, data.problem.classes)
            save_training_figure(metrics, title, files.directory.figure)
        except UsageError as error:  # all else is there
            run.tell(Note(str(error)))
        files.ledger.remember("finished", True)
    for runner in run.runners.values():
        runner.finish()
    return TrainedRun(
        settings,
        data.known,
        trainer,
        trainer.restore(point.arrays),
        metrics,
        point.usage,
        point.usage_evaluating,
        sum(line.seconds for line in metrics),
        point.seconds_evaluating,
        None if files is None else files.directory.path,
    )


def _pick_up(run: OpenRun, trainer: Trainer[Any], point: Checkpoint) -> list[IterationMetrics]:
    """The metrics up to a checkpoint; a model that is not that of the checkpoint is written again."""
    files = run.files
    assert files is not None
    directory = files.directory
    with directory.writing():
        lines = directory.cut_metrics(point.iteration)
        if lines and not directory.holds_model_of(point):
            run.tell(
                Note(f"{directory.model} is not that of {directory.checkpoint.name}: it is written again")
            )
            state = trainer.restore(point.arrays)
            save_trained(directory.model, run.settings, run.data.known, trainer, state, files.run)
    files.start.measured = True
    if point.iteration < run.settings.iterations and files.ledger.fact("finished"):
        files.ledger.remember("finished", False)
    metrics = [IterationMetrics.from_json(line) for line in lines]
    for line in metrics:
        run.tell(IterationDone(line))
    return metrics
