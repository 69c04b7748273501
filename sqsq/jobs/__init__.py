"""The job orchestrator: runs the tables of a learning rule, in chunks, exactly once."""

from sqsq.jobs.cancelling import Cancelled, cancel_jobs
from sqsq.jobs.drive import answer_request, drive, exact_answers, handle_requests
from sqsq.jobs.estimate import CountingEngine, jobs_of
from sqsq.jobs.events import Charged, ChunkDone, Note, Tell, Waiting, tell_nobody
from sqsq.jobs.ledger import Ledger, Totals
from sqsq.jobs.main_module import check_main_module
from sqsq.jobs.patience import Patience
from sqsq.jobs.queue import keep_choices, restore_choices
from sqsq.jobs.resources import Resources, make_runner, open_backend
from sqsq.jobs.runner import TableRunner

__all__ = [
    "Cancelled",
    "Charged",
    "ChunkDone",
    "CountingEngine",
    "Ledger",
    "Note",
    "Patience",
    "Resources",
    "TableRunner",
    "Tell",
    "Totals",
    "Waiting",
    "answer_request",
    "cancel_jobs",
    "check_main_module",
    "drive",
    "exact_answers",
    "handle_requests",
    "jobs_of",
    "keep_choices",
    "make_runner",
    "open_backend",
    "restore_choices",
    "tell_nobody",
]
