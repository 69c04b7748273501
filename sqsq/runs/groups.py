"""Groups of settings that every run has: its data, its evaluations, its backend."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from sqsq.checks import Remedy, Says, Within, make_plain
from sqsq.data import ENCODERS, RATE_LIMIT, Encoder, RateCode, find_encoder
from sqsq.engines import Pack, Placement, device_name, is_hardware
from sqsq.errors import UsageError

ARRAYS = "arrays"
"""What data are called that a program handed over."""
_NAMES = "aer, exact, fake_<device>, exact:fake_<device> or ibm_<device>"
BackendName = Annotated[
    str, Remedy(f"a name: {_NAMES}; a backend object goes to sqsq.train(..., backend=...)")
]
Count = Annotated[int, Within(1)]


@dataclass(frozen=True)
class DataSettings:
    """The examples of a run, and how they become spikes.

    Raises:
        UsageError: If a value is not allowed.
    """

    section: ClassVar[str] = "Data"
    source: Annotated[
        str,
        Says("usps, digits or another of `sqsq data list`, or an .npz file.", name="data", metavar="NAME"),
    ] = "usps"
    data_dir: Annotated[Path | None, Says("Folder with the data files; without it they are downloaded.")] = (
        None
    )
    classes: Annotated[tuple[str, ...], Says("Classes to tell apart, by name.", empty="all")] = ()
    encoder: Annotated[str, Says(f"How examples become spikes: {', '.join(ENCODERS)}.", metavar="NAME")] = (
        RateCode.name
    )
    rate_limit: Annotated[
        float, Within(high=1.0, positive=True), Says("Largest spike probability of the rate code.")
    ] = RATE_LIMIT

    def __post_init__(self) -> None:
        make_plain(self, {"source": "data"})
        self.encoding  # noqa: B018  (checks its own values)

    @property
    def own_file(self) -> bool:
        """Whether the examples are in a file of the user's own."""
        return self.source.endswith(".npz")

    @property
    def encoding(self) -> Encoder:
        """How examples become spikes."""
        if self.encoder == RateCode.name:
            return RateCode(self.rate_limit)
        if self.rate_limit != RATE_LIMIT:
            raise UsageError(f"rate-limit is for the rate code: the encoder is {self.encoder}")
        return find_encoder(self.encoder)


@dataclass(frozen=True)
class EvaluationSettings:
    """What a run is evaluated on, and when.

    Raises:
        UsageError: If a value is not allowed.
    """

    section: ClassVar[str] = "Evaluation"
    evaluate_on: Annotated[
        Literal["test", "validation"],
        Says("Examples to evaluate on; validation: a fifth of the training ones, then not trained on."),
    ] = "test"
    test_size: Annotated[Count | None, Says("Only the first so many of them.", empty="all")] = None
    eval_every: Annotated[
        Count | None,
        Says(
            "Evaluate every so many iterations, and after the last.", empty="10; on hardware the last alone"
        ),
    ] = None
    evaluate_backend: Annotated[
        BackendName | None, Says("Backend to evaluate on.", metavar="NAME", empty="that of the training")
    ] = None

    def __post_init__(self) -> None:
        make_plain(self)


@dataclass(frozen=True)
class BackendSettings:
    """What a run trains on, and which of its qubits.

    Raises:
        UsageError: If a value is not allowed.
    """

    section: ClassVar[str] = "Backend"
    name: Annotated[BackendName, Says(f"{_NAMES}.", name="backend", metavar="NAME")] = "aer"
    idle_noise: Annotated[bool, Says("Noise of waiting qubits.")] = True
    layout: Annotated[
        tuple[int, ...],
        Says("Physical qubits, io then memory; several neurons one after the other.", empty="by the errors"),
    ] = ()
    pack: Annotated[Pack, Says("Neurons side by side on the device.", metavar="auto|off|K")] = "auto"
    guard_qubits: Annotated[bool, Says("Keep unused qubits between neurons side by side.")] = False
    job_seconds: Annotated[
        Annotated[float, Within(positive=True)] | None,
        Says("What a job should take at most, by estimate.", empty="60 on a QPU, 0.25 on a simulator"),
    ] = None

    def __post_init__(self) -> None:
        make_plain(self, {"name": "backend"})
        self.placement  # noqa: B018  (checks its own values)

    @property
    def placement(self) -> Placement:
        """Where neurons run on the device."""
        return Placement(self.layout, self.pack, self.guard_qubits)

    def placement_on(self, name: str) -> Placement:
        """The same for another backend: chosen qubits mean nothing on another device."""
        return self.placement if device_name(name) == device_name(self.name) else Placement()

    @property
    def hardware(self) -> bool:
        """Whether it is a real device."""
        return is_hardware(self.name)
