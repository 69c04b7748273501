"""By how much, and where, the noise of a circuit is amplified."""

from dataclasses import dataclass
from typing import Literal

from sqsq.checks import make_plain
from sqsq.errors import UsageError

FoldedGates = Literal["all", "two-qubit"]
"""Which gates are folded."""


@dataclass(frozen=True)
class NoiseScale:
    """How a circuit is made noisier while it stays the same instrument without noise.

    Attributes:
        scale: How many times as many gates run, at least 1; odd numbers are exact, those in between fold
            a part of each segment as mitiq's ``fold_global`` does.
        gates: Whether whole segments U become U (U^dagger U)^k, or two-qubit gates alone, where they are.
        readout: Whether each measurement is read ``scale`` times too, the spike being the parity of the
            readings (arXiv:2506.11270), and each reset repeated as often, so that the errors of
            readings and of the waiting memory qubits grow with those of the gates.

    Raises:
        UsageError: If the scale is below 1 or not finite, not an odd whole number where readings are
            repeated, or ``gates`` is unknown.
    """

    scale: float = 1.0
    gates: FoldedGates = "all"
    readout: bool = False

    def __post_init__(self) -> None:
        make_plain(self, {"scale": "noise scale", "gates": "gates to fold"})
        if not self.scale >= 1:
            raise UsageError(f"noise scale is {self.scale}: a finite number of at least 1")
        if self.readout and self.scale % 2 != 1:
            raise UsageError(
                f"noise scale is {self.scale:g} with readout: an odd whole number (1, 3, 5, ...), because "
                "the parity of an even number of readings is not the spike"
            )

    @property
    def readings(self) -> int:
        """How often each measurement is read and each reset repeated."""
        return int(self.scale) if self.readout else 1


UNSCALED = NoiseScale()
"""The noise as it is."""
