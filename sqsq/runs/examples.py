"""The examples of a run: loaded, chosen from, split, and told from all others."""

from dataclasses import asdict, dataclass
from typing import Any

from sqsq.data import Dataset, Split, choose_classes, load_dataset, read_arrays, validation_split
from sqsq.errors import DataError, UsageError
from sqsq.runs.groups import ARRAYS
from sqsq.runs.settings import RunSettings
from sqsq.training import Problem


@dataclass(frozen=True)
class KnownData:
    """What a run keeps of its examples.

    Attributes:
        inputs: Values of an example.
        classes: The names of the classes.
        digest: What tells the data set from all others.
    """

    inputs: int
    classes: tuple[str, ...]
    digest: str

    def to_json(self) -> dict[str, Any]:
        """As JSON types."""
        return asdict(self)

    @staticmethod
    def from_json(values: Any) -> "KnownData":
        """Read what ``to_json`` wrote.

        Raises:
            DataError: If it is something else.
        """
        try:
            return KnownData(int(values["inputs"]), tuple(map(str, values["classes"])), values["digest"])
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"a run does not say what its examples were: {error!r}") from error

    def problem(self, settings: RunSettings) -> Problem:
        """What a trained model of this run answers: a problem without examples."""
        return Problem(self.inputs, self.classes, settings.data.encoding)


@dataclass(frozen=True, eq=False)
class RunData:
    """The examples of a run.

    Attributes:
        problem: What is learned.
        test: The examples to evaluate on.
        known: What the run keeps of them.
    """

    problem: Problem
    test: Split
    known: KnownData


def open_data(
    settings: RunSettings,
    downloads: bool = False,
    dataset: Dataset | None = None,
    known: KnownData | None = None,
) -> RunData:
    """Load the examples of a run, and choose those to train and to evaluate on.

    Args:
        settings: The run.
        downloads: Whether to show progress while downloading.
        dataset: The data set, where a program handed it over.
        known: What the run keeps of the examples it began with; None where it begins.

    Raises:
        UsageError: If the run learns from arrays, and none were handed over, or classes are wrong.
        DataError: If the data set is missing or corrupt, or not that which the run began with.
    """
    whole = _load(settings, downloads, dataset)
    if known is not None and known.digest != whole.digest:
        raise DataError(
            f"data set {whole.name} holds other examples than those this run began with: give it the same"
        )
    chosen = choose_classes(whole, settings.data.classes)
    if settings.evaluation.evaluate_on == "validation":
        chosen = validation_split(chosen)
    test = chosen.test.select(slice(settings.evaluation.test_size))
    problem = Problem(chosen.pixels, chosen.classes, settings.data.encoding, chosen.train)
    return RunData(problem, test, KnownData(chosen.pixels, chosen.classes, whole.digest))


def _load(settings: RunSettings, downloads: bool, dataset: Dataset | None) -> Dataset:
    data = settings.data
    if data.source == ARRAYS:
        if dataset is None:
            raise UsageError(
                "this run learns from arrays that a program hands over: sqsq.train(x, y, run_dir=..., "
                "resume=True), sqsq.evaluate_run(run_dir, dataset=...)"
            )
        return dataset
    if data.own_file:
        return read_arrays(data.source, data.encoding)
    return load_dataset(data.source, data.data_dir, downloads)
