"""What a training run would cost, before anything is sent."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sqsq.circuits import Template
from sqsq.data import spike_probabilities
from sqsq.engines import OPEN_PLAN_SECONDS, Cost
from sqsq.experiments.settings import TrainUspsSettings
from sqsq.experiments.usps_problem import evaluates_after, usps_problem
from sqsq.jobs import CountingEngine, Execution, drive, jobs_of, open_backend
from sqsq.learning import evaluate, training_step


@dataclass(frozen=True)
class RunEstimate:
    """The cost of a run.

    Attributes:
        settings: The run.
        training: What its iterations cost.
        evaluating: What classifying images costs.
        groups: How many neurons run side by side on the device; None for ideal simulators.
        hardware: Whether anything is charged.
    """

    settings: TrainUspsSettings
    training: Cost
    evaluating: Cost
    groups: int | None
    hardware: bool

    @property
    def total(self) -> Cost:
        """Both together."""
        return self.training + self.evaluating

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
        parts = f" ({training:.1f} training, {evaluating:.1f} evaluating)"
        return [
            *rows,
            ("circuit", f"{total.circuit_seconds * 1e6:.1f} us"),
            ("QPU seconds", f"{total.qpu_seconds:.1f}{parts}"),
            ("Open Plan", f"{self.open_plan_share:.1%} of the ten minutes in 28 days"),
        ]

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
            "qpu_seconds_training": self.training.qpu_seconds,
            "qpu_seconds_evaluating": self.evaluating.qpu_seconds,
            "open_plan_share": self.open_plan_share,
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
    names = (settings.backend, settings.evaluating)
    counting = [CountingEngine(name, jobs[name], settings.job_seconds) for name in names]
    drive(training_step(problem.training, problem.state), counting[0])
    parameters = problem.state.parameters
    images = spike_probabilities(problem.test)
    rng = np.random.default_rng(0)
    network = problem.training.network
    labels = problem.test.labels
    step = evaluate(network, parameters, images, labels, settings.steps, rng, execution=settings.forward)
    drive(step, counting[1])
    evaluations = sum(evaluates_after(settings, done) for done in range(1, settings.iterations + 1))
    # beside hardware, what a simulator does costs nothing
    costs = [
        each.cost if choices[each.name].hardware or not settings.hardware else Cost() for each in counting
    ]
    programs = jobs[settings.backend]
    return RunEstimate(
        settings,
        costs[0].times(settings.iterations),
        costs[1].times(evaluations),
        None if programs is None else len(programs.groups(template)),
        settings.hardware,
    )
