"""Groups of settings that several models share."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from sqsq.checks import Says, Within, make_plain
from sqsq.errors import UsageError
from sqsq.estimation import Extrapolation, Fit, Mitigation, Readout, mitigation_of
from sqsq.inference import ForwardMode
from sqsq.learning import Optimiser, Positive, Updates, find_optimiser
from sqsq.model import Network, Neuron, fully_connected
from sqsq.tables import MOST_STEPS, FoldedGates

MOST_NEURONS = 10_000
"""Neurons of a network: each may feed each, and every edge has a weight."""
_ZNE = Extrapolation()
_OPTIMISER = Optimiser()
MOST_EVALUATIONS = 10_000_000
"""Evaluations of a layer in one iteration: for each of some a perturbation of all weights is drawn."""
MOST_SPIKES = 10**10
"""Spikes of a layer measured in one iteration."""
Count = Annotated[int, Within(1)]
Steps = Annotated[int, Within(1, MOST_STEPS), Says("T, time steps.")]
Widths = Annotated[
    tuple[Annotated[int, Within(high=MOST_NEURONS)], ...],
    Says("Widths of the hidden layers, such as 8,4.", empty="none"),
]


@dataclass(frozen=True)
class NetworkSettings:
    """A network of SQS neurons, layer upon layer.

    Raises:
        UsageError: If a value is not allowed.
    """

    section: ClassVar[str] = "Network"
    ansatz: Annotated[
        str, Says("partial-swap, memory-controlled, io-controlled or partial-swap-chain.", metavar="NAME")
    ] = "partial-swap"
    io_qubits: Annotated[int, Says("N, io qubits of a neuron.")] = 1
    memory_qubits: Annotated[int, Says("N^M, memory qubits of a neuron.")] = 1
    steps: Steps = 10
    hidden: Widths = ()
    recurrent: Annotated[bool, Says("Hidden neurons feed each other, a step later.")] = False
    forward: Annotated[
        Literal["auto", "layered", "fused"],
        Says("Layer by layer, or the whole network in one dynamic circuit."),
    ] = "auto"

    def __post_init__(self) -> None:
        make_plain(self)
        check_widths(self.hidden)
        if self.recurrent and not self.hidden:
            raise UsageError("recurrent is for hidden layers: give their widths (--hidden 4)")
        if self.recurrent and self.forward == "layered":
            raise UsageError("a recurrent network cannot run layer by layer: choose --forward fused")
        self.neuron  # noqa: B018  (checks its own values)

    @property
    def neuron(self) -> Neuron:
        """What every neuron is like."""
        return Neuron(self.io_qubits, self.memory_qubits, self.ansatz)

    @property
    def mode(self) -> ForwardMode:
        """How the neurons of the network run."""
        if self.forward == "auto":
            return "fused" if self.recurrent else "layered"
        return self.forward

    def network(self, inputs: int, outputs: int) -> Network:
        """The network for so many input lines and output neurons."""
        check_widths((*self.hidden, outputs))
        return fully_connected(inputs, (*self.hidden, outputs), self.neuron, recurrent=self.recurrent)


@dataclass(frozen=True)
class TrainingSettings:
    """Mini-batches and what becomes of their gradients.

    Raises:
        UsageError: If a value is not allowed.
    """

    section: ClassVar[str] = "Training"
    iterations: Annotated[int, Within(1, 1_000_000), Says("Mini-batch updates.")] = 40
    batch_size: Annotated[Count, Says("Examples of a mini-batch.")] = 20
    optimizer: Annotated[str, Says("Optimiser: sgd or adam.", metavar="NAME")] = _OPTIMISER.name
    lr: Annotated[Positive, Says("Learning rate of the weights.")] = _OPTIMISER.lr
    lr_theta: Annotated[Positive, Says("Learning rate of the angles.")] = _OPTIMISER.lr_theta

    def __post_init__(self) -> None:
        make_plain(self)
        self.optimiser  # noqa: B018  (checks its own values)

    @property
    def optimiser(self) -> Updates:
        """The optimiser."""
        return find_optimiser(self.optimizer, self.lr, self.lr_theta)


@dataclass(frozen=True)
class MitigationSettings:
    """What is done about noise where probabilities are estimated; ``mitigation`` excludes the others.

    Raises:
        UsageError: If a value is not allowed.
    """

    section: ClassVar[str] = "Mitigation"
    zne: Annotated[bool, Says("Zero-noise extrapolation; the shots are split over noise scales.")] = False
    zne_scales: Annotated[tuple[float, ...], Says("Noise scales.")] = _ZNE.scales
    zne_fit: Annotated[Fit, Says("The curve through them.")] = _ZNE.fit
    zne_gates: Annotated[FoldedGates, Says("Gates that are folded.")] = _ZNE.gates
    readout: Annotated[
        Readout,
        Says(
            "Correction of misread spikes: by circuits that measure it (calibration, also where no kind is "
            "given), by what the device reports (properties), or extrapolated with --zne (parity)."
        ),
    ] = "none"
    mitigation: Annotated[
        Literal["auto", "none"] | None,
        Says("auto: what is predicted to err least, by at least 2 %; in place of --zne and --readout."),
    ] = None
    calibration_readings: Annotated[
        int, Within(1, 1_000_000_000), Says("How often a calibration reads each state of a qubit.")
    ] = 10_000
    calibration: Annotated[Path | None, Says("Use the calibration.json of another run.")] = None

    def __post_init__(self) -> None:
        make_plain(self)
        if self.mitigation is not None and (self.zne or self.readout != "none"):
            raise UsageError(f"mitigation {self.mitigation} excludes zne and readout: choose one")
        zne = (self.zne_scales, self.zne_fit, self.zne_gates)
        if not self.zne and zne != (_ZNE.scales, _ZNE.fit, _ZNE.gates):
            raise UsageError("zne-scales, zne-fit and zne-gates say how to extrapolate: give --zne too")
        if self.calibration is not None and self.readout != "calibration":
            raise UsageError("a calibration file serves readout correction: give --readout calibration too")
        self.asked  # noqa: B018  (checks its own values)

    @property
    def asked(self) -> Mitigation:
        """What is asked for, where nothing is to be chosen."""
        return mitigation_of(
            zne=self.zne,
            zne_scales=self.zne_scales,
            zne_fit=self.zne_fit,
            zne_gates=self.zne_gates,
            readout=self.readout,
        )


def check_widths(widths: tuple[int, ...]) -> None:
    """Raise UsageError if a layer is empty, or all together hold more neurons than a network may."""
    if any(width < 1 for width in widths):
        raise UsageError(f"hidden layers {','.join(map(str, widths))}: each needs at least 1 neuron")
    if sum(widths) > MOST_NEURONS:
        raise UsageError(f"layers of {sum(widths):,} neurons in all: at most {MOST_NEURONS:,}")


def check_evaluations(rows: int, lower: str) -> None:
    """Raise UsageError, which says what to lower, if an iteration has so many evaluations of a layer."""
    if rows > MOST_EVALUATIONS:
        raise UsageError(
            f"an iteration would take {rows:,} evaluations of a layer: at most {MOST_EVALUATIONS:,} "
            f"(lower {lower})"
        )


def check_spikes(spikes: int, lower: str) -> None:
    """Raise UsageError, which says what to lower, if an iteration measures so many spikes of a layer."""
    if spikes > MOST_SPIKES:
        raise UsageError(
            f"an iteration would measure {spikes:,} spikes of a layer: at most {MOST_SPIKES:,} "
            f"(lower {lower})"
        )


def check_exact_size(rows: int, steps: int, channels: int = 1) -> None:
    """Raise UsageError if an iteration of exact gradients, with so many forward passes, would never end."""
    check_evaluations(rows, "batch-size, hidden or M")
    check_spikes(rows * steps * channels, "batch-size, hidden, M or steps")
