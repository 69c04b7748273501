"""What is done about noise when a probability is estimated."""

from dataclasses import dataclass, replace
from typing import Literal

from sqsq.checks import make_plain
from sqsq.errors import UsageError
from sqsq.estimation.extrapolation import Extrapolation, require_mitiq
from sqsq.tables import NoiseScale, Template

Readout = Literal["none", "calibration", "properties", "parity"]


@dataclass(frozen=True)
class Mitigation:
    """Readout correction and zero-noise extrapolation of estimated probabilities.

    Attributes:
        extrapolation: Zero-noise extrapolation, or None.
        readout: ``none``; ``calibration`` or ``properties``: correction by assignment matrices that are
            measured or reported by the device; ``parity``: no matrices, but each measurement is read as
            often as the gates are folded, and the errors of both are extrapolated together
            (arXiv:2506.11270).

    Raises:
        UsageError: If ``readout`` is unknown, or ``parity`` lacks an extrapolation by odd scales.
    """

    extrapolation: Extrapolation | None = None
    readout: Readout = "none"

    def __post_init__(self) -> None:
        make_plain(self)
        if self.readout == "parity":
            if self.extrapolation is None:
                raise UsageError("readout parity is extrapolated together with the gates: it needs --zne")
            _ = self.noise_scales  # which checks that they are odd

    @property
    def name(self) -> str:
        """What it is called in messages."""
        corrected = {"none": "", "parity": "parity"}.get(self.readout, "readout")
        parts = [*(["zne"] if self.extrapolation else []), *([corrected] if corrected else [])]
        return "+".join(parts) or "raw"

    @property
    def corrects(self) -> bool:
        """Whether it needs assignment matrices."""
        return self.readout in ("calibration", "properties")

    @property
    def noise_scales(self) -> tuple[NoiseScale, ...]:
        """At which noise it measures."""
        if self.extrapolation is None:
            return (NoiseScale(),)
        parity = self.readout == "parity"
        return tuple(
            # at scale 1 nothing is folded, however it would be: the circuit of an unmitigated table
            NoiseScale() if scale == 1 else NoiseScale(scale, self.extrapolation.gates, parity)
            for scale in self.extrapolation.scales
        )

    def templates(self, template: Template) -> tuple[Template, ...]:
        """The circuits that it runs in place of one."""
        return tuple(replace(template, noise=noise) for noise in self.noise_scales)

    def split_shots(self, shots: int) -> tuple[int, ...]:
        """The shots of each of those circuits; they add up to what was asked for.

        Raises:
            UsageError: If there are fewer shots than circuits.
        """
        return (shots,) if self.extrapolation is None else self.extrapolation.split_shots(shots)

    def check_runs(self, shots: int) -> None:
        """Check that it can be carried out.

        Raises:
            UsageError: If Mitiq is missing, or there are too few shots.
        """
        self.split_shots(shots)
        if self.extrapolation is not None:
            require_mitiq()


def mitigation_of(
    *,
    zne: bool = False,
    zne_scales: tuple[float, ...] = (1.0, 3.0),
    zne_fit: str = "linear",
    zne_gates: str = "all",
    readout: str = "none",
) -> Mitigation:
    """From the options of a command line.

    Raises:
        UsageError: If a value is not allowed.
    """
    extrapolation = Extrapolation(zne_scales, zne_fit, zne_gates) if zne else None  # type: ignore[arg-type]
    return Mitigation(extrapolation, readout)  # type: ignore[arg-type]
