"""What a training run would cost, before anything is sent."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqsq.engines import OPEN_PLAN_SECONDS, Cost
from sqsq.errors import BackendError
from sqsq.estimation import Mitigation, estimate_calibration
from sqsq.jobs import CountingEngine, Resources, drive, jobs_of, tell_nobody
from sqsq.mitigation import Advice, describe
from sqsq.models import MitigationSettings
from sqsq.runs.evaluation_plans import evaluation_plan
from sqsq.runs.examples import open_data
from sqsq.runs.mitigating import advice_for, check_mitigation
from sqsq.runs.opening import GivenParts, open_engines
from sqsq.runs.settings import RunSettings
from sqsq.training import Mitigates, Trainer, TrainsNetwork


@dataclass(frozen=True)
class RunEstimate:
    """The cost of a run.

    Attributes:
        settings: The run.
        calibrating: What measuring readout costs, once.
        training: What its iterations cost.
        evaluating: What classifying images costs.
        groups: How many neurons run side by side on the device; None for ideal simulators.
        hardware: Whether anything is charged.
        advice: What mitigation is predicted to gain; None where there is nothing to predict from.
        no_advice: Why there is none, or that there is nothing to mitigate; None where nobody asked.
    """

    settings: RunSettings
    calibrating: Cost
    training: Cost
    evaluating: Cost
    groups: int | None
    hardware: bool
    advice: Advice | None
    no_advice: str | None

    @property
    def total(self) -> Cost:
        """All together."""
        return self.calibrating + self.training + self.evaluating

    @property
    def open_plan_share(self) -> float | None:
        """QPU seconds as a share of the Open Plan's ten minutes in 28 days."""
        seconds = self.total.qpu_seconds
        return None if seconds is None else seconds / OPEN_PLAN_SECONDS

    def rows(self) -> list[tuple[str, str]]:
        """What a person wants to know, name and value."""
        total = self.total
        if self.groups is None:
            return [
                ("evaluations, shots", f"{total.evaluations:,}, {total.executions:,}"),
                ("QPU seconds", "an ideal simulator has none: try fake_<device>"),
            ]
        rows = [
            ("jobs", f"{total.jobs:,}"),
            ("circuits", f"{total.circuits:,} after binding, up to {self.groups} neurons side by side"),
            ("evaluations", f"{total.evaluations:,}"),
            ("executions", f"{total.executions:,}"),
        ]
        if total.qpu_seconds is None or total.circuit_seconds is None:
            return [*rows, ("QPU seconds", "unknown: the device publishes no durations")]
        training, evaluating = self.training.qpu_seconds, self.evaluating.qpu_seconds
        calibrating = self.calibrating.qpu_seconds
        before = f"{calibrating:.1f} calibrating, " if calibrating else ""
        parts = f" ({before}{training:.1f} training, {evaluating:.1f} evaluating)"
        return [
            *rows,
            ("circuit", f"{total.circuit_seconds * 1e6:.1f} us"),
            ("QPU seconds", f"{total.qpu_seconds:.1f}{parts}"),
            ("Open Plan", f"{self.open_plan_share:.1%} of the ten minutes in 28 days"),
        ]

    def advice_line(self) -> str | None:
        """A verdict on the mitigation that was asked for."""
        if self.advice is None:
            return self.no_advice
        settings = self.settings.trainer.mitigation
        asked = settings.asked
        if settings.mitigation == "auto":
            return f"auto chooses {describe(self.advice.best.mitigation)}"
        return None if asked == Mitigation() else self.advice.verdict(asked)

    def _predictions(self) -> dict[str, dict[str, float]]:
        predictions = () if self.advice is None else self.advice.predictions
        return {
            describe(each.mitigation): {"bias": each.bias, "variance": each.variance, "rmse": each.rmse}
            for each in predictions
        }

    def _repr_html_(self) -> str:
        """The same, for a notebook."""
        rows = "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in self.rows())
        return f"<table><caption>cost on {self.settings.backend.name}</caption><tbody>{rows}</tbody></table>"

    def to_json(self) -> dict[str, Any]:
        """As JSON types."""
        total = self.total
        return {
            "backend": self.settings.backend.name,
            "hardware": self.hardware,
            "neurons_side_by_side": self.groups,
            "jobs": total.jobs,
            "circuits": total.circuits,
            "executions": total.executions,
            "evaluations": total.evaluations,
            "circuit_seconds": total.circuit_seconds,
            "qpu_seconds": total.qpu_seconds,
            "qpu_seconds_calibrating": self.calibrating.qpu_seconds,
            "qpu_seconds_training": self.training.qpu_seconds,
            "qpu_seconds_evaluating": self.evaluating.qpu_seconds,
            "open_plan_share": self.open_plan_share,
            "mitigation": {"predictions": self._predictions(), "advice": self.advice_line()},
        }


def estimate_run(
    settings: RunSettings,
    resources: Resources | None = None,
    *,
    downloads: bool = False,
    given: GivenParts | None = None,
) -> RunEstimate:
    """Estimate a run; only a real device is asked anything over the network.

    For ``fake_<device>`` it is what the same run would cost on that device.

    Args:
        settings: The run.
        resources: How it would be carried out.
        downloads: Whether to show progress while downloading data.
        given: What a program hands over.

    Raises:
        SqsqError: As ``train``, of which it is the first part.
    """
    resources, given = resources or Resources(), given or GivenParts()
    engines = open_engines(settings, resources, tell_nobody, given.backend)
    data = open_data(settings, downloads, given.dataset)
    trainer = settings.kind.make_trainer(settings.trainer, data.problem, settings.seed)
    trainer = given.into(trainer, settings.model)
    choices = {name: settings.choice(name, resources) for name in settings.backends}
    jobs = {name: jobs_of(choice, engines[name]) for name, choice in choices.items()}
    if isinstance(trainer, TrainsNetwork):
        for engine in engines.values():
            engine.prepare(trainer.template)
    name = settings.backend.name
    names = (name, name, settings.evaluating)
    calibrating, training, evaluating = (
        CountingEngine(each, jobs[each], settings.backend.job_seconds) for each in names
    )
    advice = no_advice = None
    mitigation = getattr(settings.trainer, "mitigation", None)
    if isinstance(mitigation, MitigationSettings) and isinstance(trainer, Mitigates):
        check_mitigation(mitigation)
        advice, no_advice = _advice(settings, mitigation, trainer, engines[name], jobs[name] is not None)
        trainer = _mitigating(settings, mitigation, trainer, advice, calibrating, jobs[name])
    (state, _), _ = drive(trainer.step(trainer.init(), 0), training)
    drive(evaluation_plan(settings, trainer, state, data, 0), evaluating)
    evaluations = sum(settings.evaluates_after(done) for done in range(1, settings.iterations + 1))
    # beside hardware, what a simulator does costs nothing
    costs = [
        each.cost if choices[each.name].hardware or not settings.hardware else Cost()
        for each in (calibrating, training, evaluating)
    ]
    programs = jobs[name]
    groups = None
    if programs is not None and isinstance(trainer, TrainsNetwork):
        groups = len(programs.groups(trainer.template))
    return RunEstimate(
        settings,
        costs[0],
        costs[1].times(settings.iterations),
        costs[2].times(evaluations),
        groups,
        settings.hardware,
        advice,
        no_advice,
    )


def _advice(
    settings: RunSettings, mitigation: MitigationSettings, trainer: Any, engine: Any, has_noise: bool
) -> tuple[Advice | None, str | None]:
    """What mitigation is predicted to gain, or why nobody knows."""
    wanted = mitigation.mitigation == "auto" or mitigation.asked != Mitigation()
    if not has_noise:
        nothing = f"{settings.backend.name} has no noise: there is nothing to mitigate"
        return None, nothing if wanted else None
    unmitigated = trainer.with_mitigation(Mitigation())
    plan = unmitigated.step(unmitigated.init(), 0)
    choice = settings.choice(settings.backend.name)
    try:
        return advice_for(mitigation, trainer.shots, choice, engine, plan), None
    except BackendError as error:  # told to who asked for nothing, an error to who did
        if wanted:
            raise
        return None, f"no prediction of what mitigation gains: {error}"


def _mitigating(
    settings: RunSettings,
    mitigation: MitigationSettings,
    trainer: Any,
    advice: Advice | None,
    calibrating: CountingEngine,
    jobs: Any,
) -> Trainer[Any]:
    """The trainer with the mitigation that it would have; what calibrating costs is counted."""
    chosen = mitigation.asked
    if mitigation.mitigation == "auto" and advice is not None:
        chosen = advice.best.mitigation
    calibrations = []
    if chosen.corrects:
        measured = chosen.readout == "calibration" and mitigation.calibration is None
        name = settings.backend.name
        plan = estimate_calibration(
            trainer.template.neuron,
            trainer.template.steps,
            mitigation.calibration_readings,
            backend=name,
            taken_at=datetime.now(UTC),
        )
        calibrations.append(drive(plan, calibrating if measured else CountingEngine(name, jobs))[0])
    found: Trainer[Any] = trainer.with_mitigation(chosen, calibrations)
    return found
