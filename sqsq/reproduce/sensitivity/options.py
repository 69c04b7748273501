"""What can be chosen when the local gradient is compared with the exact one."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from sqsq.checks import Within, make_plain
from sqsq.errors import UsageError
from sqsq.learning import Shift
from sqsq.model import Neuron

Counts = tuple[Annotated[int, Within(1)], ...]


@dataclass(frozen=True)
class SensitivityOptions:
    """What can be chosen; one factor at a time leaves the paper's point M_syn = 5, M_som = 1, M_p = 5.

    Attributes:
        backend: ``exact`` or ``exact:fake_<device>``; the exact gradient is that of the same backend.
        data: A name of the catalogue of data sets.
        data_dir: A folder with its files, or None to download them.
        ansatze: The ansatze.
        repeats: Independent estimates at each point.
        training_iterations: Iterations after which a network counts as trained.
        batch_size: Images of the mini-batch.
        seed: The seed of everything.
        shifts: Rules for the angles' gradients.
        m_syn, m_som, m_p, epsilon: The values to try.

    Raises:
        UsageError: If a value is not allowed.
    """

    backend: str = "exact:fake_brisbane"
    data: str = "usps"
    data_dir: Path | None = None
    ansatze: tuple[str, ...] = ("memory-controlled", "partial-swap")
    repeats: Annotated[int, Within(high=1_000_000)] = 200
    training_iterations: Annotated[int, Within(high=1_000_000)] = 10
    batch_size: Annotated[int, Within(1)] = 20
    seed: Annotated[int, Within(0)] = 0
    shifts: tuple[Shift, ...] = ("paper", "exact", "sampled", "spsa")
    m_syn: Counts = (1, 2, 5, 10, 20)
    m_som: Counts = (1, 2, 5)
    m_p: Counts = (1, 2, 5, 20, 100)
    epsilon: tuple[Annotated[float, Within(positive=True)], ...] = (0.01, 0.02, 0.05, 0.1, 0.2)

    def __post_init__(self) -> None:
        make_plain(self)
        if self.repeats < 3:
            raise UsageError(f"repeats is {self.repeats}: at least 3, for a standard error of the bias")
        if self.training_iterations < 1:
            raise UsageError(f"training-iterations is {self.training_iterations}: at least 1")
        for name in ("ansatze", "shifts", "m_syn", "m_som", "m_p", "epsilon"):
            if not getattr(self, name):
                raise UsageError(f"{name} are none: one or more")
        for ansatz in self.ansatze:
            Neuron(ansatz=ansatz)  # checks that there is such an ansatz

    def to_json(self) -> dict[str, Any]:
        """As JSON types, with digests of users' own ansatze; where the data lie is no part of it."""
        plain = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if name != "data_dir"
        }
        own = {ansatz: digest for ansatz in self.ansatze if (digest := own_digest(ansatz)) is not None}
        return {**plain, "own_ansatze": own} if own else plain


def own_digest(ansatz: str) -> str | None:
    """What tells a user's own ansatz from others of its name; None for those that come with sqsq."""
    own = Neuron(ansatz=ansatz).own_definition
    return None if own is None else own.digest
