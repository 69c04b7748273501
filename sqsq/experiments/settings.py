"""Everything that determines a training run."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal

from sqsq.checks import Remedy, Within, check_names, make_plain, shown
from sqsq.data import RATE_LIMIT, Encoder, RateCode, find_encoder
from sqsq.engines import BackendChoice, Pack, Placement
from sqsq.errors import UsageError
from sqsq.estimation import Estimator, Extrapolation, Fit, Readout, mitigation_of
from sqsq.experiments.stored_ansatz import ansatz_to_json, check_restored, restore_ansatz
from sqsq.jobs import Execution
from sqsq.learning import (
    Baseline,
    Feedback,
    Gradient,
    LocalRuleSettings,
    NetworkExecution,
    Optimiser,
    OptimiserName,
    Positive,
    Repeats,
    Shift,
    Shots,
)
from sqsq.model import Neuron
from sqsq.tables import MOST_STEPS, FoldedGates

_RULE = LocalRuleSettings()
_OPTIMISER = Optimiser()
_ZNE = Extrapolation()

ARRAYS = "arrays"
"""What data are called that a program handed over."""
_LATER = {"classes": None, "encoder": RateCode.name, "rate_limit": RATE_LIMIT, "data_digest": None}
"""Settings that are kept only where they say something."""
_DIGITS = (1, 7)
"""Those of the paper."""

MOST_NEURONS = 10_000
"""Neurons of a network: each may feed each, and every edge has a weight."""
MOST_EVALUATIONS = 10_000_000
"""Evaluations of a layer in one iteration: for each a perturbation of all weights of a neuron is drawn."""
MOST_SPIKES = 10**10
"""Spikes measured at once: a byte each."""
BackendName = Annotated[
    str,
    Remedy(
        "a name: aer, exact, fake_<device>, exact:fake_<device> or ibm_<device>; a backend object goes to "
        "sqsq.train(..., backend=...)"
    ),
]
Count = Annotated[int, Within(1)]
Widths = tuple[Annotated[int, Within(high=MOST_NEURONS)], ...]
Seed = Annotated[int, Within(0)]


@dataclass(frozen=True)
class TrainUspsSettings:
    """The settings of ``sqsq train-usps``; the command's options have the same names.

    Attributes:
        backend: ``aer``, ``exact``, ``fake_<device>``, ``exact:fake_<device>`` or ``ibm_<device>``.
        data: A name of the catalogue of data sets, an ``.npz`` file (see ``read_arrays``), or ``arrays``:
            those that were handed to ``sqsq.train``.
        data_dir: A folder with its files, or None to download them.
        digits: The digits to tell apart, two or more, of a data set of digits.
        classes: The classes to tell apart, by name; all where there is none; None for ``digits``.
        encoder: How examples become spikes: ``rate``, ``latency``, ``phase`` or ``direct``.
        rate_limit: The largest spike probability of the rate code.
        data_digest: What tells the examples from all others; worked out when a run begins.
        ansatz: The ansatz of every neuron.
        io_qubits: N.
        memory_qubits: N^M.
        steps: T.
        hidden: The widths of the hidden layers, none by default.
        recurrent: Whether the neurons of a hidden layer also feed each other, one step later.
        network_execution: How the neurons of a network run: ``layered``, one layer after the other;
            ``fused``, all in one dynamic circuit; ``auto``, fused only where a network is recurrent.
        iterations: Mini-batch updates.
        batch_size: Images of a mini-batch.
        m, m_syn, m_som, m_p, epsilon, estimator, shift, feedback, baseline, gradient: The local rule; see
            ``LocalRuleSettings``.
        optimizer, lr, lr_theta: See ``Optimiser``.
        zne: Whether to extrapolate estimated probabilities to no noise; the M_p shots are split over scales.
        zne_scales, zne_fit, zne_gates: See ``Extrapolation``.
        readout: How misread spikes are corrected: ``none``; ``calibration`` (circuits that measure it);
            ``properties`` (what the device reports); ``parity`` (amplified and extrapolated with ``zne``).
        mitigation: ``auto``: whatever is predicted to err least at M_p shots; ``none``; or None: what
            ``zne`` and ``readout`` say.
        calibration_readings: How often a calibration reads each state of each io qubit.
        calibration: A file of an earlier calibration, ``calibration.json`` of a run, to use in its place.
        test_size: Evaluate on the first so many test images; None for all.
        eval_every: Evaluate after every so many iterations, and always after the last; None for 10 on
            simulators, and only after the last on hardware.
        evaluate_on: ``test``, or ``validation``: a fifth of the training images, then not trained on.
        evaluate_backend: Another backend to evaluate on, such as ``exact``; the training's if None.
        seed: The seed of the run.
        idle_noise: Whether waiting qubits relax on ``fake_<device>``.
        layout: Physical qubits of a neuron, io then memory, or of several neurons one after the other;
            chosen by the device's reported errors if empty.
        pack: How many evaluations share an execution on hardware: ``auto`` (as many as fit), ``off`` or a
            number. Simulators run each group of qubits apart, and only where a number is given.
        guard_qubits: Whether unused qubits are kept between neurons side by side.
        job_seconds: What a job (on simulators, a chunk) should take at most, by estimate; None for 60 s
            of a QPU or a quarter of a second of a simulator.

    Raises:
        UsageError: If a value is not allowed.
    """

    backend: BackendName = "aer"
    data: str = "usps"
    data_dir: Path | None = None
    digits: tuple[int, ...] = _DIGITS
    classes: tuple[str, ...] | None = None
    encoder: str = "rate"
    rate_limit: Annotated[float, Within(high=1.0, positive=True)] = RATE_LIMIT
    data_digest: str | None = None
    ansatz: str = "partial-swap"
    io_qubits: int = 1
    memory_qubits: int = 1
    steps: Annotated[int, Within(1, MOST_STEPS)] = 10
    hidden: Widths = ()
    recurrent: bool = False
    network_execution: Literal["auto", "layered", "fused"] = "auto"
    iterations: Annotated[int, Within(1, 1_000_000)] = 40
    batch_size: Count = 20
    m: Repeats = _RULE.m
    m_syn: Repeats = _RULE.m_syn
    m_som: Repeats = _RULE.m_som
    m_p: Shots = _RULE.m_p
    epsilon: Positive = _RULE.epsilon
    estimator: Estimator = _RULE.estimator
    shift: Shift = _RULE.shift
    feedback: Feedback = _RULE.feedback
    baseline: Baseline = _RULE.baseline
    gradient: Gradient = _RULE.gradient
    optimizer: OptimiserName = _OPTIMISER.name
    lr: Positive = _OPTIMISER.lr
    lr_theta: Positive = _OPTIMISER.lr_theta
    zne: bool = False
    zne_scales: tuple[float, ...] = _ZNE.scales
    zne_fit: Fit = _ZNE.fit
    zne_gates: FoldedGates = _ZNE.gates
    readout: Readout = "none"
    mitigation: Literal["auto", "none"] | None = None
    calibration_readings: Annotated[int, Within(1, 1_000_000_000)] = 10_000
    calibration: Path | None = None
    test_size: Count | None = None
    eval_every: Count | None = None
    evaluate_on: Literal["test", "validation"] = "test"
    evaluate_backend: BackendName | None = None
    seed: Seed = 0
    idle_noise: bool = True
    layout: tuple[int, ...] = ()
    pack: Pack = "auto"
    guard_qubits: bool = False
    job_seconds: Positive | None = None

    def __post_init__(self) -> None:
        make_plain(
            self,
            {"network_execution": "execution", "m": "M", "m_syn": "M_syn", "m_som": "M_som", "m_p": "M_p"},
        )
        if any(width < 1 for width in self.hidden):
            raise UsageError(f"hidden layers {','.join(map(str, self.hidden))}: each needs at least 1 neuron")
        if self.recurrent and not self.hidden:
            raise UsageError("recurrent is for hidden layers: give their widths (--hidden 4)")
        if self.recurrent and self.network_execution == "layered":
            raise UsageError("a recurrent network cannot run layer by layer: choose --execution fused")
        if self.own_data and self.digits != _DIGITS:
            raise UsageError(f"digits are of data sets of digits: name the classes of {self.data} (classes)")
        self.check_size(len(self.chosen))
        self._check_mitigation()
        self.encoding, self.neuron, self.rule, self.optimiser, self.placement  # noqa: B018  (each checks its own values)

    def check_size(self, outputs: int) -> None:
        """Raise UsageError if a network with so many outputs would take more than memory has."""
        check_neurons((*self.hidden, outputs))
        each = 1 if self.gradient == "ideal" else 2 * self.m_syn + 1
        rows = self.batch_size * self.m * max((*self.hidden, outputs)) * each
        if rows > MOST_EVALUATIONS:
            raise UsageError(
                f"an iteration would take {rows:,} evaluations of a layer at once: at most "
                f"{MOST_EVALUATIONS:,} (lower batch-size, hidden, M or M_syn)"
            )
        spikes = rows * self.m_p * self.steps * self.io_qubits
        if spikes > MOST_SPIKES:
            raise UsageError(
                f"an iteration would measure {spikes:,} spikes of a layer at once: at most "
                f"{MOST_SPIKES:,} (lower batch-size, hidden, M, M_syn, M_p or steps)"
            )

    def _check_mitigation(self) -> None:
        asked = self.zne or self.readout != "none"
        if self.mitigation is not None and asked:
            raise UsageError(f"mitigation {self.mitigation} excludes zne and readout: choose one")
        if self.gradient == "ideal" and (asked or self.mitigation == "auto"):
            raise UsageError("ideal gradients need no shots: there is nothing to mitigate (zne, readout)")
        zne = (self.zne_scales, self.zne_fit, self.zne_gates)
        if not self.zne and zne != (_ZNE.scales, _ZNE.fit, _ZNE.gates):
            raise UsageError("zne-scales, zne-fit and zne-gates say how to extrapolate: give --zne too")
        if self.calibration is not None and self.readout != "calibration":
            raise UsageError("a calibration file serves readout correction: give --readout calibration too")
        self.rule.mitigation.split_shots(self.m_p)

    @property
    def own_file(self) -> bool:
        """Whether the examples are in a file of the user's own."""
        return self.data.endswith(".npz")

    @property
    def own_data(self) -> bool:
        """Whether the examples are the user's own: a file, or arrays."""
        return self.data == ARRAYS or self.own_file

    @property
    def chosen(self) -> tuple[str, ...]:
        """The classes to tell apart, by name; none for all that there are."""
        if self.classes is not None:
            return self.classes
        return () if self.own_data else tuple(map(str, self.digits))

    @property
    def encoding(self) -> Encoder:
        """How examples become spikes."""
        if self.encoder == RateCode.name:
            return RateCode(self.rate_limit)
        if self.rate_limit != RATE_LIMIT:
            raise UsageError(f"rate-limit is for the rate code: the encoder is {self.encoder}")
        return find_encoder(self.encoder)

    @property
    def neuron(self) -> Neuron:
        """What every neuron is like."""
        return Neuron(self.io_qubits, self.memory_qubits, self.ansatz)

    @property
    def rule(self) -> LocalRuleSettings:
        """The settings of the local rule."""
        own = {field.name for field in fields(LocalRuleSettings)} & {field.name for field in fields(self)}
        own.discard("mitigation")
        return LocalRuleSettings(
            **{name: getattr(self, name) for name in own},
            execution=self.forward,
            mitigation=mitigation_of(
                zne=self.zne,
                zne_scales=self.zne_scales,
                zne_fit=self.zne_fit,
                zne_gates=self.zne_gates,
                readout=self.readout,
            ),
        )

    @property
    def forward(self) -> NetworkExecution:
        """How the neurons of the network run."""
        if self.network_execution == "auto":
            return "fused" if self.recurrent else "layered"
        return self.network_execution

    @property
    def optimiser(self) -> Optimiser:
        """The optimiser."""
        return Optimiser(self.optimizer, self.lr, self.lr_theta)

    @property
    def placement(self) -> Placement:
        """Where neurons run on a device."""
        return Placement(self.layout, self.pack, self.guard_qubits)

    @property
    def evaluating(self) -> str:
        """The backend to evaluate on."""
        return self.evaluate_backend or self.backend

    @property
    def backends(self) -> tuple[str, ...]:
        """The different backends of the run, that of training first."""
        return tuple(dict.fromkeys((self.backend, self.evaluating)))

    @property
    def hardware(self) -> bool:
        """Whether any of them is a real device."""
        return any(self.choice(name).hardware for name in self.backends)

    def choice(self, name: str, execution: Execution | None = None) -> BackendChoice:
        """A backend, used as this run uses it; its qubits mean nothing on another device."""
        execution = execution or Execution()
        placement = self.placement if _device(name) == _device(self.backend) else Placement()
        return BackendChoice(name, self.seed, self.idle_noise, placement, execution.instance, execution.batch)

    def to_json(self) -> dict[str, Any]:
        """As JSON types, for ``config.json``; with the definition of a user's own ansatz."""
        paths = {
            name: None if path is None else str(path.resolve())
            for name, path in (("data_dir", self.data_dir), ("calibration", self.calibration))
        }
        values = {**asdict(self), **paths, **ansatz_to_json(self.neuron)}
        if self.own_file:
            values["data"] = str(Path(self.data).resolve())
        # runs that were begun before there was such a setting stay what they were
        return {name: value for name, value in values.items() if name not in _LATER or value != _LATER[name]}

    @staticmethod
    def from_json(values: Any) -> "TrainUspsSettings":
        """Read what ``to_json`` wrote; a user's own ansatz is registered.

        Raises:
            UsageError: If a setting is unknown or not allowed, or another ansatz has the name.
        """
        if not isinstance(values, dict):
            raise UsageError(f"settings are {shown(values)}: must be an object of names and values")
        changed = restore_ansatz(values)
        check_names(TrainUspsSettings, changed)
        settings = TrainUspsSettings(**changed)
        check_restored(values, settings.neuron)
        return settings


def check_neurons(widths: tuple[int, ...]) -> None:
    """Raise UsageError if layers hold more neurons than a network may."""
    if sum(widths) > MOST_NEURONS:
        raise UsageError(f"layers of {sum(widths):,} neurons in all: at most {MOST_NEURONS:,}")


def _device(backend: str) -> str:
    """The device that a backend is or imitates."""
    return backend.removeprefix("exact:").removeprefix("fake_").removeprefix("ibm_")
