"""What a run has spent, and whether it may spend more."""

import time

from sqsq.engines import Cost, JobReport, QueuedEngine
from sqsq.errors import BudgetError
from sqsq.jobs.events import Charged, Note, Tell, Waiting
from sqsq.jobs.ledger import Ledger
from sqsq.jobs.patience import Patience

_MOST = 10.0
"""Before any charge is known, jobs are taken to be charged at most so many times their estimates."""


class Spending:
    """Holds a run to its budget of QPU seconds.

    Until the charge of a job is known its estimate counts, whatever became of the job. Charges that are not
    known are asked for before anything is sent, and waited for where the budget hangs on them.
    """

    def __init__(
        self,
        engine: QueuedEngine,
        ledger: Ledger,
        patience: Patience,
        budget: float,
        tell: Tell,
    ) -> None:
        """Hold a run to a budget.

        Args:
            engine: Knows what jobs were charged.
            ledger: Where charges are written down.
            patience: How long to wait for them.
            budget: QPU seconds of the whole run.
            tell: Told what happens.
        """
        self._engine = engine
        self._ledger = ledger
        self._patience = patience
        self._budget = budget
        self._tell = tell
        self._told = False
        self._lost: dict[str, JobReport] = {}
        """Jobs of the run that the ledger does not know, and how they stand."""

    def count_lost(self, job_id: str, report: JobReport) -> None:
        """Count a job that the ledger does not know, unless it comes to know it."""
        self._lost[job_id] = report

    def is_cancelled(self, job_id: str) -> bool:
        """Whether such a job was cancelled."""
        return self._lost[job_id].state == "cancelled"

    def check(self, stage: str, cost: Cost) -> None:
        """Check that a job may be sent.

        Args:
            stage: What it is for.
            cost: Its estimate.

        Raises:
            BudgetError: If the run would go beyond its budget.
        """
        needed = cost.qpu_seconds or 0.0
        self.ask_for_charges()
        until = time.monotonic() + self._patience.charges
        pauses = self._patience.polls()
        while self._hangs_on_charges(needed) and time.monotonic() < until:
            self._on_wait("waiting to know what jobs that have ended were charged")
            time.sleep(min(next(pauses), max(until - time.monotonic(), 0.0)))
            self.ask_for_charges()
        if self._ledger.uncharged() and time.monotonic() >= until and not self._told:
            self._told = True
            words = "the service does not say yet what some jobs were charged: their estimates count"
            self._tell(Note(words))
        spent = self._spent(needed)
        if spent + needed > self._budget:
            raise BudgetError(
                f"{stage} needs {needed:.1f} QPU seconds by estimate, and {spent:.1f} of "
                f"{self._budget:.1f} are spent: nothing more was sent; go on with a larger "
                "--max-qpu-seconds"
            )

    def ask_for_charges(self) -> None:
        """Ask what the jobs were charged that have ended and of which it is not known."""
        for tag, job_id in self._ledger.uncharged():
            report = self._report(job_id)
            self._ledger.observed(tag, report)
            if report.charged is not None:
                self._tell(Charged(job_id, report.charged))

    def _spent(self, each: float) -> float:
        """QPU seconds of all jobs, also those that the ledger has lost: by charge, or so many each."""
        known = self._ledger.job_ids() if self._lost else set()
        lost = (report.charged for job_id, report in self._lost.items() if job_id not in known)
        return self._ledger.spent() + sum(each if charged is None else charged for charged in lost)

    def _report(self, job_id: str) -> JobReport:
        patience = self._patience
        return patience.ask(lambda: self._engine.report(job_id), patience.first_contact, self._on_wait, "")

    def _on_wait(self, words: str) -> None:
        self._tell(Waiting(words))

    def _hangs_on_charges(self, needed: float) -> bool:
        """Whether charges that are not known decide if so much more may be spent."""
        if not self._ledger.uncharged():
            return False
        counted = self._spent(needed)
        if not self._ledger.knows_charges():
            counted *= _MOST
        return counted + needed > self._budget
