"""One protocol, several engines: tables of evaluations in, spikes out."""

from sqsq.engines.protocol import Engine
from sqsq.engines.registry import open_engine
from sqsq.engines.scores import ExactAnswers, ScoreRequest, Scores
from sqsq.engines.table import EvaluationTable, Spikes

__all__ = ["Engine", "EvaluationTable", "ExactAnswers", "ScoreRequest", "Scores", "Spikes", "open_engine"]
