"""``model.npz``: what a run learned, with all that is needed to ask it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sqsq.errors import DataError, SqsqError, UsageError
from sqsq.files import Archive
from sqsq.model import Network, Parameters, network_of_archive, read_model_archive, write_model
from sqsq.runs.examples import KnownData
from sqsq.runs.prediction import NamedPredictions, predict_examples
from sqsq.runs.settings import RunSettings
from sqsq.training import OPTIMISER_ARRAYS, Arrays, Trainer, TrainsNetwork

_TRAINED = "trained"


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A model that was read from a file; unpacked, it gives its network and its parameters.

    Attributes:
        network: The network of neurons; None for models without one.
        parameters: Its weights and angles.
        settings: Those of the run that trained it; None where ``sqsq.save_model`` wrote the file.
        known: What that run kept of its examples.
        arrays: The state of its trainer.
    """

    network: Network | None
    parameters: Parameters | None
    settings: RunSettings | None = None
    known: KnownData | None = None
    arrays: Mapping[str, NDArray[Any]] | None = None

    def __iter__(self) -> Iterator[Any]:
        return iter((self.network, self.parameters))

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes; none where nobody knows them."""
        return () if self.known is None else self.known.classes

    def predict(self, x: Any, *, backend: str | None = None, seed: int = 0) -> NamedPredictions:
        """Say what examples are taken for; see ``predict_examples``.

        Raises:
            UsageError: If the file does not say how examples become spikes, or as ``predict_examples``.
        """
        if self.settings is None or self.known is None or self.arrays is None:
            raise UsageError(
                "this file holds a network, not how examples become its spikes: only models of runs predict"
            )
        trainer, state = restored(self.settings, self.known, dict(self.arrays))
        return predict_examples(self.settings, trainer, state, self.known, x, backend=backend, seed=seed)


def restored(settings: RunSettings, known: KnownData, arrays: Arrays) -> tuple[Trainer[Any], Any]:
    """A trainer that only answers, and the state of some arrays.

    Raises:
        UsageError: If they do not fit together.
    """
    trainer = settings.kind.make_trainer(settings.trainer, known.problem(settings), settings.seed)
    return trainer, trainer.restore(arrays)


def save_trained(
    path: Path, settings: RunSettings, known: KnownData, trainer: Trainer[Any], state: Any, run: str
) -> None:
    """Write what a run learned, replacing the file only once all is written.

    Raises:
        OSError: If it cannot be written.
    """
    header = {_TRAINED: {"settings": settings.to_json(), "data": known.to_json()}}
    network = parameters = None
    if isinstance(trainer, TrainsNetwork):
        network, parameters = trainer.network, trainer.parameters(state)
    write_model(path, network, parameters, run=run, header=header, arrays=_lasting(trainer.arrays(state)))


def load_model(path: Path | str, *, run: str | None = None) -> TrainedModel:
    """Read a model, of a run or written by ``sqsq.save_model``.

    Args:
        path: The file.
        run: The run that must have trained it; None for any or none.

    Raises:
        DataError: If it is missing, damaged or another run's, or cannot be used here.
    """
    archive = read_model_archive(path, run=run)
    network, parameters = network_of_archive(path, archive)
    settings, known = _trained_by(path, archive)
    return TrainedModel(network, parameters, settings, known, archive.arrays)


def same_arrays(ones: Mapping[str, NDArray[Any]], others: Mapping[str, NDArray[Any]]) -> bool:
    """Whether a model's arrays are those of a checkpoint."""
    return all(name in ones and np.array_equal(ones[name], array) for name, array in _lasting(others).items())


def _lasting(arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {name: array for name, array in arrays.items() if not name.startswith(OPTIMISER_ARRAYS)}


def _trained_by(path: Path | str, archive: Archive) -> tuple[RunSettings | None, KnownData | None]:
    trained = archive.header.get(_TRAINED)
    if trained is None:
        return None, None
    try:
        return RunSettings.from_json(trained["settings"]), KnownData.from_json(trained["data"])
    except (SqsqError, KeyError, TypeError) as error:
        raise DataError(f"{path} holds a model that cannot be used here: {error}") from error
