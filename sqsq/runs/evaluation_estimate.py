"""What an evaluation would cost, before anything is sent."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqsq.data import Dataset
from sqsq.engines import OPEN_PLAN_SECONDS, Cost
from sqsq.estimation import Mitigation, estimate_calibration
from sqsq.jobs import CountingEngine, Resources, drive, jobs_of, open_backend
from sqsq.runs.asked_evaluation import prepare_evaluation


@dataclass(frozen=True)
class EvaluationEstimate:
    """What an evaluation would cost.

    Attributes:
        backend: Where.
        cost: How much.
        hardware: Whether anything is charged.
        begun: Whether it was begun before, and goes on.
    """

    backend: str
    cost: Cost
    hardware: bool
    begun: bool

    def rows(self) -> list[tuple[str, str]]:
        """What a person wants to know, name and value."""
        rows = [("evaluations, executions", f"{self.cost.evaluations:,}, {self.cost.executions:,}")]
        if self.cost.qpu_seconds is not None:
            share = self.cost.qpu_seconds / OPEN_PLAN_SECONDS
            rows.append(("jobs", f"{self.cost.jobs:,}"))
            rows.append(
                ("QPU seconds", f"{self.cost.qpu_seconds:.1f}, {share:.1%} of the Open Plan's ten minutes")
            )
        return rows

    def to_json(self) -> dict[str, Any]:
        """As JSON types."""
        return {"backend": self.backend, "hardware": self.hardware, **asdict(self.cost)}


def estimate_evaluation(
    run_dir: Path | str,
    *,
    repeats: int = 1,
    shots: int | None = None,
    resources: Resources | None = None,
    progress: bool = False,
    dataset: Dataset | None = None,
    **changes: Any,
) -> EvaluationEstimate:
    """Estimate what ``evaluate_run`` would cost; only a real device is asked anything over the network.

    Raises:
        SqsqError: As ``evaluate_run``.
    """
    asked = prepare_evaluation(run_dir, shots, changes, progress, dataset)
    resources = resources or Resources()
    engine = open_backend(asked.choice, resources.patience)
    jobs = jobs_of(asked.choice, engine)
    if asked.template is not None:
        engine.prepare(asked.template)
    counting = CountingEngine(asked.choice.name, jobs, asked.settings.backend.job_seconds)
    mitigation, calibrations = Mitigation(), []
    if shots is not None:
        mitigation = asked.mitigating.asked
        if asked.mitigating.mitigation == "auto":
            mitigation = asked.advice(engine).best.mitigation
        if mitigation.corrects and asked.template is not None:
            plan = estimate_calibration(
                asked.template.neuron,
                asked.template.steps,
                asked.mitigating.calibration_readings,
                backend=asked.choice.name,
                taken_at=datetime.now(UTC),
            )
            measured = mitigation.readout == "calibration" and asked.mitigating.calibration is None
            paid = counting if measured else CountingEngine(asked.choice.name, jobs)
            calibrations.append(drive(plan, paid)[0])
    for repeat in range(repeats):
        drive(asked.plan(repeat, mitigation, tuple(calibrations)), counting)
    return EvaluationEstimate(asked.choice.name, counting.cost, asked.choice.hardware, asked.place.begun)
