"""What a training run would cost, before anything is sent."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from sqsq.engines import OPEN_PLAN_SECONDS, Cost
from sqsq.errors import BackendError
from sqsq.estimation import Mitigation, estimate_calibration
from sqsq.experiments.mitigating import advice_for, check_mitigation, unmitigated_step
from sqsq.experiments.settings import TrainUspsSettings
from sqsq.experiments.usps_problem import evaluates_after, usps_problem
from sqsq.jobs import CountingEngine, Execution, drive, jobs_of, open_backend
from sqsq.learning import evaluate, training_step
from sqsq.mitigation import Advice, describe
from sqsq.tables import Template


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

    settings: TrainUspsSettings
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
        asked = self.settings.rule.mitigation
        if self.advice is None:
            return self.no_advice
        if self.settings.mitigation == "auto":
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
        return f"<table><caption>cost on {self.settings.backend}</caption><tbody>{rows}</tbody></table>"

    def to_json(self) -> dict[str, Any]:
        """As JSON types."""
        total = self.total
        return {
            "backend": self.settings.backend,
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


def estimate_usps(
    settings: TrainUspsSettings, execution: Execution | None = None, *, downloads: bool = False
) -> RunEstimate:
    """Estimate a run; only ``ibm_<device>`` is asked anything over the network.

    For ``fake_<device>`` it is what the same run would cost on that device.

    Raises:
        SqsqError: As ``train_usps``, of which it is the first part.
    """
    execution = execution or Execution()
    problem = usps_problem(settings, downloads)
    choices = {name: settings.choice(name, execution) for name in settings.backends}
    engines = {name: open_backend(choice) for name, choice in choices.items()}
    jobs = {name: jobs_of(choice, engines[name]) for name, choice in choices.items()}
    template = Template(settings.neuron, settings.steps)
    for engine in engines.values():
        engine.prepare(template)
    check_mitigation(settings)
    names = (settings.backend, settings.backend, settings.evaluating)
    counting = [CountingEngine(name, jobs[name], settings.job_seconds) for name in names]
    choice, training = choices[settings.backend], problem.training
    advice = no_advice = None
    if jobs[settings.backend] is not None and settings.gradient == "shots":
        step = unmitigated_step(training, problem.state)
        try:
            advice = advice_for(settings, choice, engines[settings.backend], step)
        except BackendError as error:  # told to who asked for nothing, an error to who did
            if settings.mitigation == "auto" or settings.rule.mitigation != Mitigation():
                raise
            no_advice = f"no prediction of what mitigation gains: {error}"
    elif settings.mitigation == "auto" or settings.rule.mitigation != Mitigation():
        no_advice = f"{settings.backend} has no noise: there is nothing to mitigate"
    mitigation = settings.rule.mitigation
    if settings.mitigation == "auto" and advice is not None:
        mitigation = advice.best.mitigation
    calibrations = []
    if mitigation.corrects:
        measured = mitigation.readout == "calibration" and settings.calibration is None
        paid = counting[0] if measured else CountingEngine(choice.name, jobs[settings.backend])
        asked = estimate_calibration(
            settings.neuron,
            settings.steps,
            settings.calibration_readings,
            backend=choice.name,
            taken_at=datetime.now(UTC),
        )
        calibrations.append(drive(asked, paid)[0])
    rule = replace(training.settings, mitigation=mitigation)
    training = replace(training, settings=rule, calibrations=tuple(calibrations))
    drive(training_step(training, problem.state), counting[1])
    parameters = problem.state.parameters
    rng = np.random.default_rng(0)
    network = problem.training.network
    step = evaluate(
        network,
        parameters,
        problem.test.images,
        problem.test.labels,
        settings.steps,
        rng,
        execution=settings.forward,
        encoder=settings.encoding,
    )
    drive(step, counting[2])
    evaluations = sum(evaluates_after(settings, done) for done in range(1, settings.iterations + 1))
    # beside hardware, what a simulator does costs nothing
    costs = [
        each.cost if choices[each.name].hardware or not settings.hardware else Cost() for each in counting
    ]
    programs = jobs[settings.backend]
    return RunEstimate(
        settings,
        costs[0],
        costs[1].times(settings.iterations),
        costs[2].times(evaluations),
        None if programs is None else len(programs.groups(template)),
        settings.hardware,
        advice,
        no_advice,
    )
