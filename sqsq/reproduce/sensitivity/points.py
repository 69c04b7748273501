"""The points at which the local gradient is measured: one factor at a time."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from sqsq.learning import LocalRuleSettings
from sqsq.reproduce.sensitivity.options import SensitivityOptions

StateName = Literal["trained", "random"]
FACTORS = ("m_syn", "m_som", "m_p", "epsilon")
CENTRE = {"m_syn": 5, "m_som": 1, "m_p": 5, "epsilon": 0.05}
"""The paper's point; it states no epsilon, that is sqsq's default."""


@dataclass(frozen=True)
class Point:
    """One point.

    Attributes:
        ansatz: The ansatz of the neurons.
        state: ``trained``, after some iterations, or ``random``: first weights and angles all around.
        rule: The local rule.
    """

    ansatz: str
    state: StateName
    rule: LocalRuleSettings

    @property
    def name(self) -> str:
        """Its name in files."""
        rule = self.rule
        return (
            f"{self.ansatz}-{self.state}-{rule.shift}-msyn{rule.m_syn}-msom{rule.m_som}-mp{rule.m_p}"
            f"-epsilon{rule.epsilon:g}"
        )

    def to_json(self) -> dict[str, Any]:
        """As JSON types."""
        names = ("shift", "estimator", "m", *FACTORS)
        rule = asdict(self.rule)
        return {"ansatz": self.ansatz, "state": self.state, **{name: rule[name] for name in names}}


def points_of(options: SensitivityOptions) -> list[Point]:
    """All points, each once.

    M_syn and epsilon have no part in how other rules than ``spsa`` estimate the angles' gradients, nor the
    rule in how those of the weights are estimated: they are varied with the first rule and with ``spsa``,
    which in turn has no shifts for M_som to repeat.
    """
    points = []
    for ansatz in options.ansatze:
        for state in get_args(StateName):
            for shift in options.shifts:
                for factor in FACTORS:
                    varied = shift != "spsa" if factor == "m_som" else shift in (options.shifts[0], "spsa")
                    values = getattr(options, factor) if varied or factor == "m_p" else ()
                    for value in (*values, CENTRE[factor]):
                        rule = LocalRuleSettings(shift=shift, **{**CENTRE, factor: value})
                        points.append(Point(ansatz, state, rule))
    return list(dict.fromkeys(points))
