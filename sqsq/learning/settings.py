"""The settings of the learning rules."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from sqsq.checks import Says, Within, make_plain, real_number
from sqsq.errors import UsageError
from sqsq.estimation import Estimator, Mitigation
from sqsq.inference import ForwardMode
from sqsq.learning.feedback import Baseline, Feedback
from sqsq.learning.shift_rules import Shift

Weights = Literal["spsa", "masked-spsa", "node", "current-shift", "sampled-shift"]
Positive = Annotated[float, Within(positive=True)]
Repeats = Annotated[int, Within(1, 1_000_000)]
Shots = Annotated[int, Within(1, 10_000_000)]
Passes = Annotated[Repeats, Says("M, forward passes of an example, each with an encoding of its own.")]
EstimatorKind = Annotated[
    Estimator,
    Says(
        "What log p(s_t) means: marginal, of each spike alone, from every shot; prefix, given the neuron's "
        "earlier spikes as in eq. (10), from the shots that agree with those."
    ),
]
FeedbackKind = Annotated[
    Feedback, Says("Feedback to hidden neurons: to-go, the losses from a step on; paper, that of the step.")
]
BaselineKind = Annotated[
    Baseline, Says("What is subtracted from it: the mean of the image's other passes, of the batch's, none.")
]
_EPSILON_FROM, _EPSILON_TO = 1e-12, 1e3
"""Nearer to 0, currents of about 1 do not move; beyond, what they move to is no perturbation."""


@dataclass(frozen=True)
class LocalRuleSettings:
    """How Algorithm 1 estimates gradients; names are the paper's.

    ``m`` is M, ``m_syn`` M_syn of eq. (24), ``m_som`` M_som of eq. (25), ``m_p`` M_p. Only with the estimator
    ``prefix`` are gradients those of eq. (15). ``mode`` says how hidden spikes are sampled, see
    ``forward``, and ``mitigation`` what is done about noise when a probability is estimated.

    Raises:
        UsageError: If a value is not allowed.
    """

    section: ClassVar[str] = "Local rule"
    m: Passes = 1
    weights: Annotated[
        Weights,
        Says(
            "Rule for the weights' gradients: spsa, the paper's, perturbs all of a neuron; masked-spsa those "
            "whose source spiked; node its currents; current-shift shifts each current exactly, "
            "sampled-shift M_syn of them."
        ),
    ] = "spsa"
    m_syn: Annotated[
        Repeats, Says("M_syn, perturbations of all weights at once; each costs two evaluations.")
    ] = 5
    m_som: Annotated[Repeats, Says("M_som, repeats of each angle's shifts.")] = 1
    m_p: Annotated[Shots, Says("M_p, shots from which each probability is estimated.")] = 5
    epsilon: Annotated[Positive, Says("Size of the perturbations.")] = 0.05
    estimator: EstimatorKind = "marginal"
    shift: Annotated[
        Shift, Says("Rule for the angles' gradients; spsa perturbs them with the weights, at no price.")
    ] = "spsa"
    feedback: FeedbackKind = "to-go"
    baseline: BaselineKind = "auto"
    mode: ForwardMode = "layered"
    mitigation: Mitigation = field(default_factory=Mitigation)

    def __post_init__(self) -> None:
        make_plain(self, {"m": "M", "m_syn": "M_syn", "m_som": "M_som", "m_p": "M_p"})
        real_number(self.epsilon, "epsilon", _EPSILON_FROM, _EPSILON_TO)
        self.mitigation.check_runs(self.m_p)
        _check_baseline(self.baseline, self.m)


@dataclass(frozen=True)
class IdealRuleSettings:
    """How the ideal local rule finds gradients: exactly, for hidden spikes that are drawn.

    ``mode`` says how hidden spikes are sampled, see ``forward``.

    Raises:
        UsageError: If a value is not allowed.
    """

    section: ClassVar[str] = "Local rule"
    m: Passes = 1
    estimator: EstimatorKind = "marginal"
    feedback: FeedbackKind = "to-go"
    baseline: BaselineKind = "auto"
    mode: ForwardMode = "layered"

    def __post_init__(self) -> None:
        make_plain(self, {"m": "M"})
        _check_baseline(self.baseline, self.m)


def _check_baseline(baseline: Baseline, passes: int) -> None:
    if baseline == "passes" and passes == 1:
        raise UsageError("baseline 'passes' compares the M passes of an image: M = 1 leaves none to compare")
