"""Advice before shots are spent: what mitigation is predicted to gain, and the best choice."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sqsq.engines import BackendChoice, Engine, QueuedEngine
from sqsq.estimation import Extrapolation, Mitigation, Readout
from sqsq.mitigation.prediction import Prediction, predict
from sqsq.mitigation.probabilities import ExactProbabilities, exact_probabilities, noise_model_of
from sqsq.tables import EvaluationTable, NoiseScale

MOST_SHOTS = 10_000_000
"""Beyond so many shots an estimate nothing is said to pay."""
_WORTH = 0.98
"""Errors whose ratio is nearer to 1 are called no difference: what is chosen in place of doing nothing is
predicted to have at most this share of its error."""
_NO_NOISE = 1e-9
"""Probabilities that differ by less differ by rounding."""


@dataclass(frozen=True)
class Budget:
    """The shots that an estimate may take.

    Attributes:
        shots: Shots of an estimate, M_p.
        readings: How often a calibration reads each state of each qubit; 0 where matrices are reported.
        calibration_shots: What a calibration takes from each estimate that it serves, so that unlike
            methods are compared at the same price; 0 where it is paid for apart.
    """

    shots: int
    readings: int = 0
    calibration_shots: int = 0

    def left(self, mitigation: Mitigation) -> int:
        """The shots that are left for an estimate itself."""
        return self.shots - (self.calibration_shots if mitigation.readout == "calibration" else 0)


@dataclass(frozen=True)
class Advice:
    """Predictions of what may be done, at the same number of shots.

    Attributes:
        budget: The shots of an estimate.
        predictions: By candidate; without those that need more shots.
        pays_from: For each candidate the shots from which it beats doing nothing by two per cent, to two
            figures; None if it never does.
        noiseless: Whether there is no noise at all, so that nothing is there to mitigate.
    """

    budget: Budget
    predictions: tuple[Prediction, ...]
    pays_from: dict[Mitigation, int | None]
    noiseless: bool = False

    @property
    def raw(self) -> Prediction:
        """Doing nothing."""
        return next(each for each in self.predictions if each.mitigation == Mitigation())

    @property
    def best(self) -> Prediction:
        """What is predicted to err least; doing nothing, unless something gains two per cent."""
        if self.noiseless:
            return self.raw
        found = min(self.predictions, key=lambda each: each.rmse)
        return found if found.rmse < _WORTH * self.raw.rmse else self.raw

    def of(self, mitigation: Mitigation) -> Prediction | None:
        """The prediction of a candidate; None if the shots do not suffice for it."""
        return next((each for each in self.predictions if each.mitigation == mitigation), None)

    def verdict(self, mitigation: Mitigation) -> str:
        """One line on a candidate: whether it is predicted to help, and from how many shots on.

        It helps or hurts where the predicted errors differ by more than two per cent, else it makes no
        difference.
        """
        raw, found, start = self.raw, self.of(mitigation), self.pays_from.get(mitigation)
        if self.noiseless:
            cost = "" if found is None else f"; error {found.rmse:.3g} against {raw.rmse:.3g} raw"
            return f"the backend has no noise: there is nothing to mitigate by {mitigation.name}{cost}"
        when = "it does not pay at any number of shots" if start is None else f"it pays from about {start:,}"
        if found is None:
            return f"{mitigation.name} needs more than {self.budget.shots:,} shots an evaluation; {when}"
        errors = (
            f"error {found.rmse:.3g} against {raw.rmse:.3g} raw at {self.budget.shots:,} shots an evaluation"
        )
        if found.rmse < _WORTH * raw.rmse:
            return f"{mitigation.name} is predicted to help: {errors}"
        if _WORTH * found.rmse > raw.rmse:
            return f"{mitigation.name} is predicted to hurt: {errors}; {when}"
        return f"{mitigation.name} is predicted to make no difference of two per cent: {errors}; {when}"


def describe(mitigation: Mitigation) -> str:
    """A mitigation with its scales, such as ``zne 1,3 linear + parity``."""
    parts = []
    if mitigation.extrapolation is not None:
        scales = ",".join(f"{scale:g}" for scale in mitigation.extrapolation.scales)
        gates = "" if mitigation.extrapolation.gates == "all" else " two-qubit gates"
        parts.append(f"zne {scales} {mitigation.extrapolation.fit}{gates}")
    if mitigation.readout != "none":
        by = f" by {mitigation.readout}" if mitigation.corrects else ""
        parts.append(f"readout{by}" if by else "parity")
    return " + ".join(parts) or "raw"


def usual_candidates(
    extrapolation: Extrapolation | None = None, correction: Readout = "calibration"
) -> list[Mitigation]:
    """Raw, readout-corrected, extrapolated, and combined by correction and by parity."""
    zne = extrapolation or Extrapolation()
    candidates = [
        Mitigation(),
        Mitigation(None, correction),
        Mitigation(zne),
        Mitigation(zne, correction),
    ]
    odd = all(scale % 2 == 1 for scale in zne.scales)
    return [*candidates, Mitigation(zne, "parity")] if odd else candidates


def automatic_candidates() -> list[Mitigation]:
    """What ``--mitigation auto`` chooses from.

    Far scales give away little variance: a straight line through 1 and 9 multiplies it by 1.6, through 1
    and 3 by 4; near ones leave less bias. Parity does as well as assignment matrices, without their cost.
    """
    far = (Extrapolation((1.0, scale)) for scale in (3.0, 5.0, 9.0))
    return [
        Mitigation(),
        Mitigation(None, "calibration"),
        *(Mitigation(zne, "parity") for zne in far),
    ]


def advise(
    probabilities: ExactProbabilities,
    held: NDArray[np.uint8],
    candidates: Sequence[Mitigation],
    budget: Budget,
    *,
    thresholds: bool = True,
) -> Advice:
    """Predict what each candidate gains.

    Args:
        probabilities: The exact ones, at all candidates' noise scales.
        held: The spikes s, shape (rows, T, N).
        candidates: What may be done; doing nothing is always compared.
        budget: The shots of an estimate.
        thresholds: Whether to look for the shots from which candidates pay.
    """
    candidates = list(dict.fromkeys([Mitigation(), *candidates]))
    predictions = [_prediction(each, probabilities, held, budget) for each in candidates]
    pays = {}
    noiseless = _noiseless(probabilities)
    if thresholds and not noiseless:
        pays = {
            each: _pays_from(each, probabilities, held, budget) for each in candidates if each != Mitigation()
        }
    return Advice(budget, tuple(each for each in predictions if each is not None), pays, noiseless)


def advise_backend(
    choice: BackendChoice,
    engine: Engine | QueuedEngine,
    table: EvaluationTable,
    candidates: Sequence[Mitigation],
    budget: Budget,
    *,
    thresholds: bool = True,
    steps: int = 5,
) -> Advice:
    """Advice for a backend and the tables that are about to run on it.

    Spikes of 1 are held: the errors of p(1) and p(0) are the same for one io qubit.

    Args:
        choice: The backend.
        engine: The same, opened.
        table: A table of a run, such as the first batch's.
        candidates: What may be done.
        budget: The shots of an estimate.
        thresholds: Whether to look for the shots from which candidates pay.
        steps: Time steps to look at, at most: what a far noise scale does to a long circuit takes long to
            work out, and later steps are like these.

    Raises:
        BackendError: If the noise of the device is not known.
    """
    short = replace(table.template, steps=min(steps, table.template.steps))
    table = replace(
        table, template=short, phi=table.phi[:, : short.steps], theta=table.theta[:, : short.steps]
    )
    noisy, ideal = noise_model_of(choice, engine, table.template)
    probabilities = exact_probabilities(noisy, ideal, table, candidates)
    held = np.ones((len(probabilities.ideal), *table.template.phi_shape), np.uint8)
    return advise(probabilities, held, candidates, budget, thresholds=thresholds)


def _noiseless(probabilities: ExactProbabilities) -> bool:
    """Whether the probabilities are those without noise, and nothing is misread."""
    noisy = probabilities.noisy[NoiseScale()]
    read = np.abs(probabilities.assignment - np.eye(2)).max()
    return bool(np.abs(noisy - probabilities.ideal).max() <= _NO_NOISE and read <= _NO_NOISE)


def _prediction(
    mitigation: Mitigation, probabilities: ExactProbabilities, held: NDArray[np.uint8], budget: Budget
) -> Prediction | None:
    left = budget.left(mitigation)
    if left < len(mitigation.noise_scales):
        return None
    return predict(mitigation, probabilities, held, left, budget.readings)


def _pays_from(
    mitigation: Mitigation, probabilities: ExactProbabilities, held: NDArray[np.uint8], budget: Budget
) -> int | None:
    """The least number of shots, to two figures, from which it beats doing nothing by two per cent."""

    def helps(shots: int) -> bool:
        at = replace(budget, shots=shots)
        left = at.left(mitigation)
        if left < len(mitigation.noise_scales):
            return False
        found = predict(mitigation, probabilities, held, left, budget.readings)
        return found.rmse < _WORTH * predict(Mitigation(), probabilities, held, shots).rmse

    high = MOST_SHOTS
    if not helps(high):
        return None
    low = high
    while low > 1 and helps(low := max(low // 4, 1)):
        high = low
    while high - low > max(high // 20, 1):
        middle = round((low * high) ** 0.5)
        low, high = (low, middle) if helps(middle) else (middle, high)
    return int(float(f"{high:.2g}"))
