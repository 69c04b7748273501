"""How a run stands, as numbers, words and a small table for notebooks."""

from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any

from sqsq.inference import accuracy_in_words, wilson_interval
from sqsq.jobs import Totals


@dataclass(frozen=True)
class RunStatus:
    """How a run stands.

    Attributes:
        run_dir: Where it is.
        backend: What it runs on.
        state: ``running``, ``stopped``, ``cancelled``, ``finished``, or ``unknown`` where the process that
            runs it is on another machine.
        iteration: Iterations done.
        iterations: Iterations asked for.
        accuracy: The last single-shot accuracy, or None.
        images: How many images it was evaluated on, or None.
        totals: What its ledger adds up to.
        budget: QPU seconds it may spend; None for simulators.
        spent: QPU seconds spent: charged, or else estimated.
        next: What to do now.
    """

    run_dir: Path
    backend: str
    state: str
    iteration: int
    iterations: int
    accuracy: float | None
    images: int | None
    totals: Totals
    budget: float | None
    spent: float
    next: str

    @property
    def chunk_counts(self) -> str:
        """Chunks by state, in words."""
        names = {"intent": "being sent", "submitted": "waiting"}
        counts = (f"{count} {names.get(state, state)}" for state, count in sorted(self.totals.chunks.items()))
        return ", ".join(counts) or "none"

    def rows(self) -> list[tuple[str, str]]:
        """What a person wants to know, name and value."""
        totals = self.totals
        accuracy = ""
        if self.accuracy is not None and self.images is not None:
            accuracy = f", accuracy {accuracy_in_words(self.accuracy, self.images)}"
        rows = [
            ("state", self.state),
            ("iterations", f"{self.iteration} of {self.iterations}{accuracy}"),
            ("chunks" if self.budget is None else "jobs", self.chunk_counts),
            ("executions done", f"{totals.executions:,}"),
        ]
        if totals.queue_position is not None:
            rows.append(("queue", f"position {totals.queue_position} when last asked"))
        if self.budget is not None:
            rows += [
                (
                    "QPU seconds",
                    f"{totals.charged:.1f} charged where {totals.estimated_of_charged:.1f} were estimated; "
                    f"{totals.estimated:.1f} estimated for all jobs sent",
                ),
                (
                    "budget",
                    f"{self.spent:.1f} of {self.budget:.1f} spent, "
                    f"{max(self.budget - self.spent, 0.0):.1f} left",
                ),
            ]
        if totals.last_reason is not None:
            rows.append(("last failure", totals.last_reason))
        return [*rows, ("next", self.next)]

    def to_json(self) -> dict[str, Any]:
        """As JSON types."""
        remaining = None if self.budget is None else max(self.budget - self.spent, 0.0)
        interval = None
        if self.accuracy is not None and self.images is not None:
            interval = wilson_interval(self.accuracy, self.images)
        return {
            **asdict(self),
            "accuracy_interval": interval,
            "run_dir": str(self.run_dir),
            "remaining": remaining,
        }


def status_html(status: RunStatus) -> str:
    """A table with a progress bar, for a notebook."""
    bar = f'<progress value="{status.iteration}" max="{status.iterations}"></progress>'
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td style='text-align: left'>{escape(value)}</td></tr>"
        for name, value in status.rows()
    )
    title = f"{escape(str(status.run_dir))} on {escape(status.backend)}"
    return f"<table><caption>{title} {bar}</caption><tbody>{rows}</tbody></table>"
