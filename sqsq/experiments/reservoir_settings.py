"""Everything that determines a reservoir run."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from sqsq.checks import Within, make_plain, shown
from sqsq.errors import UsageError
from sqsq.experiments.settings import (
    MOST_SPIKES,
    BackendName,
    Count,
    Seed,
    Widths,
    check_neurons,
)
from sqsq.experiments.stored_ansatz import ansatz_to_json
from sqsq.learning import Features
from sqsq.model import Neuron
from sqsq.tables import MOST_STEPS

IMAGES_AT_ONCE = 500
"""Images whose spikes are held at once; each batch of them makes tables of its own."""


@dataclass(frozen=True)
class ReservoirSettings:
    """The settings of ``sqsq train-reservoir``; the command's options have the same names.

    Attributes:
        backend: ``exact``, ``aer``, ``fake_<device>`` or ``exact:fake_<device>``.
        data: A name of the catalogue of data sets.
        data_dir: A folder with its files, or None to download them.
        digits: The digits to tell apart, two or more.
        ansatz: The ansatz of every neuron.
        io_qubits: N.
        memory_qubits: N^M.
        steps: T.
        hidden: The widths of the reservoir's layers; all of its neurons are read out.
        m: M, encodings of each training image.
        features: What the read-out sees of a neuron: ``counts``, or ``steps``, every spike.
        inverse_penalty: How closely the read-out is fitted, C of scikit-learn.
        test_size: Evaluate on the first so many test images; None for all.
        evaluate_on: ``test``, or ``validation``: a fifth of the training images, then not trained on.
        seed: The seed of the run.
        idle_noise: Whether waiting qubits relax on ``fake_<device>``.

    Raises:
        UsageError: If a value is not allowed.
    """

    backend: BackendName = "exact"
    data: str = "usps"
    data_dir: Path | None = None
    digits: tuple[int, ...] = (1, 7)
    ansatz: str = "partial-swap"
    io_qubits: int = 1
    memory_qubits: int = 1
    steps: Annotated[int, Within(1, MOST_STEPS)] = 10
    hidden: Widths = (100,)
    m: Count = 5
    features: Features = "counts"
    inverse_penalty: Annotated[float, Within(positive=True)] = 1.0
    test_size: Count | None = None
    evaluate_on: Literal["test", "validation"] = "test"
    seed: Seed = 0
    idle_noise: bool = True

    def __post_init__(self) -> None:
        make_plain(self)
        if not self.hidden or min(self.hidden) < 1:
            widths = ",".join(map(str, self.hidden)) or "none"
            raise UsageError(f"hidden layers {widths}: one or more, each of at least 1 neuron")
        check_neurons(self.hidden)
        spikes = IMAGES_AT_ONCE * self.m * max(self.hidden) * self.steps * self.io_qubits
        if spikes > MOST_SPIKES:
            raise UsageError(
                f"{IMAGES_AT_ONCE} images would make {shown(spikes)} spikes of a layer at once: at most "
                f"{MOST_SPIKES:,} (lower hidden, m or steps)"
            )
        self.neuron  # noqa: B018  (checks its own values)

    @property
    def neuron(self) -> Neuron:
        """What every neuron is like."""
        return Neuron(self.io_qubits, self.memory_qubits, self.ansatz)

    def to_json(self) -> dict[str, Any]:
        """As JSON types, for ``config.json``; with the definition of a user's own ansatz."""
        data_dir = None if self.data_dir is None else str(self.data_dir.resolve())
        return {**asdict(self), "data_dir": data_dir, **ansatz_to_json(self.neuron)}
