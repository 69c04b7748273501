"""The figures of the SQSNN paper, reproduced."""

from sqsq.reproduce.definitions import FIGURES
from sqsq.reproduce.options import FigureOptions
from sqsq.reproduce.reproduction import reproduce_figure
from sqsq.reproduce.runs import FigureRun

__all__ = [
    "FIGURES",
    "FigureOptions",
    "FigureRun",
    "reproduce_figure",
]
