"""The figures of the SQSNN paper, reproduced."""

from sqsq.experiments.figures.definitions import FIGURES
from sqsq.experiments.figures.options import FigureOptions
from sqsq.experiments.figures.reproduction import reproduce_figure
from sqsq.experiments.figures.runs import FigureRun

__all__ = [
    "FIGURES",
    "FigureOptions",
    "FigureRun",
    "reproduce_figure",
]
