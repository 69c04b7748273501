"""The curves of a figure: named settings, each trained with several seeds."""

from dataclasses import dataclass
from typing import Any

from sqsq.data import digit_classes
from sqsq.reproduce.definitions import FigureDefinition
from sqsq.reproduce.options import FigureOptions
from sqsq.runs import USPS_DIGITS, RunSettings, settings_with


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
    settings: RunSettings

    @property
    def ideal(self) -> bool:
        """Whether it learns by exact gradients."""
        return self.settings.model == "ideal"

    def run_settings(self, seed: int) -> RunSettings:
        """The settings of one of its runs."""
        return self.settings.changed(seed=seed)

    def settings_json(self) -> dict[str, Any]:
        """What all its runs share, as JSON types; where the data lie is no part of it."""
        shared = self.settings.to_json()
        del shared["seed"], shared["data"]["data_dir"]
        return shared


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
    values = {"m": m, "m_syn": m_syn, "m_som": 1, "m_p": 5, "shift": "paper", "backend": options.backend}
    settings = settings_with("local", {**_common(options, ansatz), **values, **definition.changes})
    return Curve(f"{ansatz}-m{m}-msyn{m_syn}", ansatz, f"M = {m}, M_syn = {m_syn}", settings)


def _ideal(options: FigureOptions, ansatz: str, m: int) -> Curve:
    settings = settings_with("ideal", {**_common(options, ansatz), "backend": "exact", "m": m})
    return Curve(f"{ansatz}-ideal-m{m}", ansatz, f"ideal local rule, M = {m}", settings)


def _common(options: FigureOptions, ansatz: str) -> dict[str, Any]:
    return {
        "data": options.data,
        "data_dir": options.data_dir,
        "classes": digit_classes(USPS_DIGITS),
        "ansatz": ansatz,
        "iterations": options.iterations,
        "test_size": options.test_size,
        "eval_every": 1,
    }
