"""What jobs on a device cost, by IBM's usage formula."""

from dataclasses import dataclass

JOB_SECONDS = 2.0
"""QPU seconds that every job takes, however small."""
OPEN_PLAN_SECONDS = 600.0
"""QPU seconds of the Open Plan in 28 days."""


@dataclass(frozen=True)
class Cost:
    """What jobs need; costs add.

    Attributes:
        jobs: Jobs.
        circuits: Circuits after binding: sets of parameter values.
        executions: Circuits times shots, what IBM counts.
        evaluations: Evaluations that those serve.
        qpu_seconds: 2 s a job, and the delay between shots plus the circuit's duration an execution;
            None where the device's durations are unknown.
        circuit_seconds: The duration of the longest circuit, or None.
    """

    jobs: int = 0
    circuits: int = 0
    executions: int = 0
    evaluations: int = 0
    qpu_seconds: float | None = 0.0
    circuit_seconds: float | None = 0.0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.jobs + other.jobs,
            self.circuits + other.circuits,
            self.executions + other.executions,
            self.evaluations + other.evaluations,
            None
            if self.qpu_seconds is None or other.qpu_seconds is None
            else self.qpu_seconds + other.qpu_seconds,
            None
            if self.circuit_seconds is None or other.circuit_seconds is None
            else max(self.circuit_seconds, other.circuit_seconds),
        )

    def times(self, count: int) -> "Cost":
        """The cost of doing it so many times."""
        return Cost(
            self.jobs * count,
            self.circuits * count,
            self.executions * count,
            self.evaluations * count,
            None if self.qpu_seconds is None else self.qpu_seconds * count,
            self.circuit_seconds if count else 0.0,
        )
