"""What can be chosen when a figure is reproduced."""

from dataclasses import dataclass
from pathlib import Path

from sqsq.checks import make_plain
from sqsq.engines import is_hardware
from sqsq.errors import UsageError
from sqsq.model import Neuron


@dataclass(frozen=True)
class FigureOptions:
    """What can be chosen when a figure is reproduced.

    Attributes:
        backend: The noise model of the curves that learn from shots: ``exact:fake_<device>`` or
            ``fake_<device>`` (the same distribution, from Aer, hundreds of times slower), or an ideal
            simulator. The ideal local rule is always noise-free, on ``exact``.
        data: A name of the catalogue of data sets.
        data_dir: A folder with its files, or None to download them.
        ansatze: One panel for each: that of the paper's hardware circuit, and the one with memory of
            its input, by default.
        seeds: Runs of each curve, with seeds 0, 1, ...
        iterations: Mini-batch updates; the accuracy is evaluated after each.
        test_size: Evaluate on the first so many test images; None for all.

    Raises:
        UsageError: If a value is not allowed.
    """

    backend: str = "exact:fake_brisbane"
    data: str = "usps"
    data_dir: Path | None = None
    ansatze: tuple[str, ...] = ("memory-controlled", "partial-swap")
    seeds: int = 5
    iterations: int = 60
    test_size: int | None = None

    def __post_init__(self) -> None:
        make_plain(self)
        if self.seeds < 1:
            raise UsageError(f"seeds is {self.seeds}: at least 1")
        if not self.ansatze or len(set(self.ansatze)) < len(self.ansatze):
            raise UsageError(f"ansatze are {','.join(self.ansatze) or 'none'}: one or more different ones")
        for ansatz in self.ansatze:
            Neuron(ansatz=ansatz)  # checks that there is such an ansatz
        if is_hardware(self.backend):
            raise UsageError(
                f"{self.backend} is hardware: figures are reproduced on simulators; sqsq train-usps trains "
                "one configuration on hardware, and asks before it spends QPU time"
            )
