"""Bias and variance of the local gradient against the exact one; what was measured once is kept."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, get_args

from sqsq.engines import open_engine
from sqsq.errors import UsageError
from sqsq.jobs import exact_answers
from sqsq.model import Parameters
from sqsq.report import save_sensitivity_figures
from sqsq.reproduce.sensitivity.measurement import measure_point
from sqsq.reproduce.sensitivity.options import SensitivityOptions
from sqsq.reproduce.sensitivity.points import Point, StateName, points_of
from sqsq.reproduce.sensitivity.record import NAME, request_of, sensitivity_record, state_record
from sqsq.reproduce.sensitivity.states import NetworkState, network_state
from sqsq.runs import read_json, read_measured, results_in, write_json, write_measured

RUNS = "runs"


def measure_sensitivity(
    options: SensitivityOptions | None = None,
    *,
    out: Path | str | None = None,
    command: str | None = None,
    on_progress: Callable[[int, int, str], None] | None = None,
) -> dict[str, Any]:
    """Measure bias and variance of the local gradient, one factor at a time.

    Inputs are held, so what is measured is the estimator and not the encoding. Called again, it goes on
    where it was: points are kept under ``<out>/runs``. ``<out>/sensitivity.json`` and one
    ``<out>/sensitivity-<ansatz>.png`` are written at the end.

    Args:
        options: What can be chosen.
        out: Where files are written; ``results/sensitivity`` if None.
        command: The command line to write down, if it was one.
        on_progress: Told how many points are done, of how many, and what comes next.

    Returns:
        What the JSON file holds.

    Raises:
        UsageError: If a value is not allowed, the backend knows no exact gradients, or the directory holds
            another configuration.
        DataError: If the data set is missing or corrupt.
    """
    options = options or SensitivityOptions()
    directory = Path("results") / NAME if out is None else Path(out)
    engine = open_engine(options.backend, options.seed)
    exact_answers(engine)
    points = points_of(options)
    _check(directory, options, points)

    @cache
    def held(ansatz: str, state: StateName) -> tuple[NetworkState, Parameters]:
        made = network_state(options, ansatz, state, engine, downloads=True)
        return made, made.exact_gradient(engine)

    measured = []
    for done, point in enumerate(points):
        if on_progress is not None:
            on_progress(done, len(points), point.name)
        path = _path(directory, point)
        if not path.exists():
            state, exact = held(point.ansatz, point.state)
            errors = measure_point(point, state, exact, engine, options.repeats, options.seed)
            found = {name: error.to_json() for name, error in errors.items()}
            with results_in(path.parent):
                write_measured(path, {**request_of(options, point), **found})
        measured.append(read_measured(path))
    states = [
        state_record(options, ansatz, name, held(ansatz, name)[0], engine)
        for ansatz in options.ansatze
        for name in get_args(StateName)
    ]
    record = sensitivity_record(options, states, measured, command)
    with results_in(directory):
        write_json(directory / f"{NAME}.json", record)
        save_sensitivity_figures(record, directory)
    return record


def _path(directory: Path, point: Point) -> Path:
    return directory / RUNS / f"{point.name}.json"


def _check(directory: Path, options: SensitivityOptions, points: list[Point]) -> None:
    """Make sure that what is there already was measured with the same options.

    Raises:
        UsageError: If it was not.
        DataError: If it cannot be read.
    """
    there = [(_path(directory, point), request_of(options, point)) for point in points]
    there.append((directory / f"{NAME}.json", options.to_json()))
    for path, asked in there:
        if not path.exists():
            continue
        found = read_json(path)
        found = found.get("options", found)
        for name, value in asked.items():
            if found.get(name) != value:
                raise UsageError(
                    f"{path} was measured with {name.replace('_', '-')} {found.get(name)}, not {value}: "
                    "choose another directory or the same options"
                )
