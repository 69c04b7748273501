"""What identifies one parametric neuron circuit."""

from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any

from sqsq.checks import Within, make_plain
from sqsq.errors import UsageError
from sqsq.model import Neuron
from sqsq.tables.noise_scale import UNSCALED, NoiseScale

MOST_STEPS = 10_000
"""Coherence lasts for some tens on devices."""


@dataclass(frozen=True)
class Template:
    """One neuron over T time steps.

    Attributes:
        neuron: The neuron.
        steps: T, at least 1.
        noise: By how much its noise is amplified.
        calibration: Whether only its io qubits are prepared by RX(phi), measured and reset, without
            entanglers and theta: phi of 0 and pi prepare the spikes 0 and 1.

    Raises:
        UsageError: If ``steps`` is no whole number from 1 to 10,000, or another value is of another type.
    """

    neuron: Neuron
    steps: Annotated[int, Within(high=MOST_STEPS)]
    noise: NoiseScale = UNSCALED
    calibration: bool = False

    def __post_init__(self) -> None:
        named = {name: f"{name} of a template" for name in ("neuron", "noise", "calibration")}
        make_plain(self, {**named, "steps": "T"})
        if self.steps < 1:
            raise UsageError(f"T = {self.steps} time steps: at least 1")

    @property
    def phi_shape(self) -> tuple[int, int]:
        """The shape (T, N) of the current angles phi of one evaluation."""
        return self.steps, self.neuron.io_qubits

    @property
    def theta_shape(self) -> tuple[int, int]:
        """The shape (T, K) of the circuit angles theta of one evaluation; K is 0 for a calibration."""
        return self.steps, 0 if self.calibration else len(self.neuron.angles)

    @property
    def plain(self) -> "Template":
        """The neuron itself: neither amplified nor a calibration."""
        return replace(self, noise=UNSCALED, calibration=False)

    def content(self) -> dict[str, Any]:
        """What it is, as JSON types; ``noise`` and ``calibration`` only where they say something.

        Digests, seeds and the names of choices derive from it, and are to stay what they were before
        there was anything to leave out.
        """
        content: dict[str, Any] = {"neuron": self.neuron.content(), "steps": self.steps}
        if self.noise != UNSCALED:
            content["noise"] = asdict(self.noise)
        if self.calibration:
            content["calibration"] = True
        return content
