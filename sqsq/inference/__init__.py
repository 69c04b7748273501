"""Inference: forward passes, and what a network takes examples for."""

from sqsq.inference.by_probability import evaluate_by_probability, predict_by_probability
from sqsq.inference.forward_passes import ForwardMode, alike, forward, neuron_blocks, neuron_table
from sqsq.inference.intervals import accuracy_in_words, wilson_interval
from sqsq.inference.predictions import Evaluation, Predictions, joined, judge
from sqsq.inference.single_shot import answer, classify, evaluate, examples_at_once, predict

__all__ = [
    "Evaluation",
    "ForwardMode",
    "Predictions",
    "accuracy_in_words",
    "alike",
    "answer",
    "classify",
    "evaluate",
    "evaluate_by_probability",
    "examples_at_once",
    "forward",
    "joined",
    "judge",
    "neuron_blocks",
    "neuron_table",
    "predict",
    "predict_by_probability",
    "wilson_interval",
]
