"""The curves of a figure: named settings, each trained with several seeds."""

from dataclasses import dataclass, replace
from typing import Any

from sqsq.experiments.figures.definitions import FigureDefinition
from sqsq.experiments.figures.options import FigureOptions
from sqsq.experiments.settings import TrainUspsSettings


@dataclass(frozen=True)
class Curve:
    """One curve.

    Attributes:
        name: Its name in files.
        panel: In which panel of the figure it is: the ansatz.
        label: What the legend says.
        settings: How it is trained, with seed 0.
    """

    name: str
    panel: str
    label: str
    settings: TrainUspsSettings

    @property
    def ideal(self) -> bool:
        """Whether it learns by exact gradients."""
        return self.settings.gradient == "ideal"

    def run_settings(self, seed: int) -> TrainUspsSettings:
        """The settings of one of its runs."""
        return replace(self.settings, seed=seed)

    def settings_json(self) -> dict[str, Any]:
        """What all its runs share, as JSON types; where the data lie is no part of it."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in self.settings.to_json().items()
            if name not in ("seed", "data_dir")
        }


def curves_of(definition: FigureDefinition, options: FigureOptions) -> list[Curve]:
    """All curves of a figure, panel by panel; the ideal local rule once for every M."""
    return [
        curve
        for ansatz in options.ansatze
        for curve in (
            *(_from_shots(definition, options, ansatz, m, m_syn) for m, m_syn in definition.configurations),
            *(_ideal(options, ansatz, m) for m in dict.fromkeys(m for m, _ in definition.configurations)),
        )
    ]


def _from_shots(
    definition: FigureDefinition, options: FigureOptions, ansatz: str, m: int, m_syn: int
) -> Curve:
    """The paper's configuration: M_som = 1, M_p = 5, and the shifts of its eq. (25)."""
    settings = replace(
        _common(options, ansatz), backend=options.backend, m=m, m_syn=m_syn, m_som=1, m_p=5, shift="paper"
    )
    changed = replace(settings, **definition.changes)
    return Curve(f"{ansatz}-m{m}-msyn{m_syn}", ansatz, f"M = {m}, M_syn = {m_syn}", changed)


def _ideal(options: FigureOptions, ansatz: str, m: int) -> Curve:
    settings = replace(_common(options, ansatz), backend="exact", m=m, gradient="ideal")
    return Curve(f"{ansatz}-ideal-m{m}", ansatz, f"ideal local rule, M = {m}", settings)


def _common(options: FigureOptions, ansatz: str) -> TrainUspsSettings:
    return TrainUspsSettings(
        data=options.data,
        data_dir=options.data_dir,
        ansatz=ansatz,
        iterations=options.iterations,
        test_size=options.test_size,
        eval_every=1,
    )
