"""What can be read off a run, whether it has just been trained or is opened again."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sqsq.errors import UsageError
from sqsq.model import Network, Parameters
from sqsq.training import IterationMetrics, Trainer, TrainsNetwork


class Trained(Protocol):
    """Anything with a record of its iterations."""

    @property
    def metrics(self) -> Sequence[IterationMetrics]:
        """One record for each iteration."""


class Results:
    """What the records of a run say."""

    @property
    def accuracy(self: Trained) -> float | None:
        """The last single-shot accuracy (not the best one seen); None before the first."""
        evaluated = [line.accuracy for line in self.metrics if line.accuracy is not None]
        return evaluated[-1] if evaluated else None

    @property
    def confusion(self: Trained) -> NDArray[np.int64] | None:
        """How many test examples of each class (row) were taken for each class (column), when last evaluated.

        None before, and where there are too many classes to have been written down.
        """
        evaluated = [line.confusion for line in self.metrics if line.confusion is not None]
        return np.array(evaluated[-1], np.int64) if evaluated else None

    @property
    def spikes(self: Trained) -> NDArray[np.float64] | None:
        """Spikes of each neuron a time step, averaged over test examples, when last evaluated.

        None before, and for models without spikes; ``predict(x).spikes`` are single ones.
        """
        evaluated = [line.spikes_per_neuron for line in self.metrics if line.spikes_per_neuron is not None]
        return np.array(evaluated[-1]) if evaluated else None

    def to_pandas(self: Trained) -> Any:
        """The metrics as a ``pandas.DataFrame``, an iteration a row.

        Raises:
            UsageError: If pandas is not installed.
        """
        try:
            import pandas
        except ImportError:
            raise UsageError("pandas is not installed: pip install pandas") from None
        return pandas.DataFrame([line.to_json() for line in self.metrics]).set_index("iteration")


def network_of_trainer(trainer: Trainer[Any], model: str) -> Network:
    """The network of neurons that a model is.

    Raises:
        UsageError: If it is none.
    """
    if not isinstance(trainer, TrainsNetwork):
        raise UsageError(f"model {model} is no network of spiking neurons")
    return trainer.network


def parameters_of_trainer(trainer: Trainer[Any], state: Any, model: str) -> Parameters:
    """Its weights and angles; see ``network_of_trainer``."""
    network_of_trainer(trainer, model)
    assert isinstance(trainer, TrainsNetwork)
    return trainer.parameters(state)
