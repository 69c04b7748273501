"""The settings of the local learning rule."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from sqsq.checks import Within, make_plain, real_number
from sqsq.errors import UsageError
from sqsq.estimation import Estimator, Mitigation
from sqsq.learning.feedback import Baseline, Feedback
from sqsq.learning.forward import NetworkExecution
from sqsq.learning.shift_rules import Shift

Gradient = Literal["shots", "ideal"]
Positive = Annotated[float, Within(positive=True)]
Repeats = Annotated[int, Within(1, 1_000_000)]
Shots = Annotated[int, Within(1, 10_000_000)]
_EPSILON_FROM, _EPSILON_TO = 1e-12, 1e3
"""Nearer to 0, currents of about 1 do not move; beyond, what they move to is no perturbation."""


@dataclass(frozen=True)
class LocalRuleSettings:
    """How Algorithm 1 estimates gradients. Names are the paper's.

    Attributes:
        m: M, forward passes of each image, each with its own encoding.
        m_syn: M_syn, perturbations of the weights, eq. (24); each costs two evaluations.
        m_som: M_som, repetitions of the shifts of each angle, eq. (25).
        m_p: M_p, shots of each evaluation.
        epsilon: How far SPSA moves the weights.
        estimator: ``marginal``, p(s_t) from every shot, or ``prefix``, p(s_t | the neuron's earlier spikes)
            of eq. (10) from the shots that agree with those; only with the latter are gradients those of
            eq. (15).
        shift: ``paper``, ``exact``, ``sampled`` or ``spsa``.
        feedback: ``to-go`` or ``paper``, for hidden neurons.
        baseline: ``auto``, ``none``, ``passes`` or ``batch``, for hidden neurons.
        execution: ``layered`` or ``fused``: how hidden spikes are sampled; see ``forward``.
        gradient: ``shots``, or ``ideal``: the exact gradients of eqs. (20) and (23) in place of (24)
            and (25), from an exact engine.
        mitigation: What is done about noise when a probability is estimated.

    Raises:
        UsageError: If a value is not allowed.
    """

    m: Repeats = 1
    m_syn: Repeats = 5
    m_som: Repeats = 1
    m_p: Shots = 5
    epsilon: Positive = 0.05
    estimator: Estimator = "marginal"
    shift: Shift = "spsa"
    feedback: Feedback = "to-go"
    baseline: Baseline = "auto"
    gradient: Gradient = "shots"
    execution: NetworkExecution = "layered"
    mitigation: Mitigation = field(default_factory=Mitigation)

    def __post_init__(self) -> None:
        make_plain(self, {"m": "M", "m_syn": "M_syn", "m_som": "M_som", "m_p": "M_p"})
        real_number(self.epsilon, "epsilon", _EPSILON_FROM, _EPSILON_TO)
        self.mitigation.check_runs(self.m_p)
        if self.gradient == "ideal" and self.mitigation != Mitigation():
            raise UsageError(
                f"gradient 'ideal' takes no shots: there is nothing to mitigate by {self.mitigation.name}"
            )
        if self.baseline == "passes" and self.m == 1:
            raise UsageError(
                "baseline 'passes' compares the M passes of an image: M = 1 leaves none to compare"
            )
