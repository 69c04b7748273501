"""The figures of the SQSNN paper (arXiv:2506.21324) to reproduce, and what its text says of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqsq.errors import UsageError

_PAPER = 'arXiv:2506.21324, "Evaluating the local learning rule on quantum hardware"'
UNSTATED = (
    "The paper states neither learning rates, epsilon, batch size nor the number of runs behind a curve, and "
    "its curves were measured on ibm_brisbane, which is retired: sqsq's defaults and a noise model stand in."
)
NO_SURROGATE = "sqsq does not train by surrogate gradients yet: that curve of the paper is left out."


@dataclass(frozen=True)
class Statement:
    """A sentence of the paper, word for word.

    Attributes:
        words: The sentence.
        accuracy: The test accuracy that it states, or None; nothing is read off a picture.
        says: That number in a few words, for a legend.
        source: Where it stands.
    """

    words: str
    accuracy: float | None = None
    says: str | None = None
    source: str = _PAPER


@dataclass(frozen=True)
class FigureDefinition:
    """What a figure shows.

    Attributes:
        name: Its name on the command line.
        title: One line about it.
        configurations: (M, M_syn) of each curve that learns from shots; M_som = 1 and M_p = 5.
        changes: Settings of those curves that are not the defaults.
        statements: What the paper's text says of it.
    """

    name: str
    title: str
    configurations: tuple[tuple[int, int], ...]
    statements: tuple[Statement, ...]
    changes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


FIGURES = {
    figure.name: figure
    for figure in (
        FigureDefinition(
            "fig2a",
            "Fig. 2(a): local learning without error mitigation",
            ((1, 2), (1, 5), (5, 2), (5, 5)),
            (
                Statement(
                    "With M = 1 and M_syn = 5, the SQSNN model is seen to achieve a peak test accuracy of "
                    "nearly 95%, even in the absence of QEM.",
                    0.95,
                    '"a peak test accuracy of nearly 95%" (M = 1, M_syn = 5)',
                ),
                Statement(
                    "In contrast, configurations with lower shot counts for the synaptic weights, e.g., "
                    "M_syn = 2, or a higher numbers of global forward passes, e.g., M = 5, exhibit reduced "
                    "accuracy."
                ),
                Statement(
                    "Furthermore, increasing the number of measurement shots from M_syn = 2 to M_syn = 5 at "
                    "fixed M = 5 yields only a marginal improvement."
                ),
            ),
        ),
        FigureDefinition(
            "fig2b",
            "Fig. 2(b): local learning with zero-noise extrapolation",
            ((1, 1), (1, 2), (5, 5)),
            (
                Statement(
                    "We observe from Fig. 2(b) that increasing either the number of global forward passes M "
                    "or the number of measurement shots M_syn leads to improved test accuracy."
                ),
                Statement(
                    "In particular, with M = 5 and M_syn = 5, SQSNN obtains a test accuracy around 98% at "
                    "around 40 iterations, which matches that of the corresponding ideal local learning "
                    "rule.",
                    0.98,
                    '"around 98% at around 40 iterations" (M = 5, M_syn = 5)',
                ),
                Statement(
                    "Overall, the use of QEM is concluded to further improve the performance of SQSNNs, "
                    "while also stablizing its performance as a function of the number of global forward "
                    "passes and shots."
                ),
                Statement(
                    "Finally, the surrogate gradient-based strategy—which relies on an efficient classical "
                    "simulation of the system—provides a close approximation of the performance of the ideal "
                    "local learning rule at convergence."
                ),
            ),
            MappingProxyType({"zne": True}),
        ),
    )
}


def find_figure(name: str) -> FigureDefinition:
    """Look a figure up.

    Raises:
        UsageError: If there is none of this name.
    """
    if name not in FIGURES:
        raise UsageError(f"unknown figure {name!r}: choose from {', '.join(FIGURES)}")
    return FIGURES[name]
