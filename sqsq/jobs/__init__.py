"""The job orchestrator: runs the tables of a learning rule on an engine."""

from sqsq.jobs.drive import Step, Usage, drive, exact_answers

__all__ = ["Step", "Usage", "drive", "exact_answers"]
