"""Data sets, and how images become spikes and spikes become classes."""

from sqsq.data.catalogue import CATALOGUE, fetch_files, find_entry, load_dataset
from sqsq.data.dataset import DIGITS, Dataset, Split, choose_classes, choose_digits, validation_split
from sqsq.data.encoders import (
    ENCODERS,
    PROBABILITIES,
    RATE_LIMIT,
    DirectCode,
    Encoder,
    Inputs,
    LatencyCode,
    PhaseCode,
    RateCode,
    check_examples,
    find_encoder,
    spike_probabilities,
)
from sqsq.data.encoding import decode_rates, rate_decode, rate_encode, target_spikes
from sqsq.data.files import cache_directory
from sqsq.data.own_data import dataset_from_arrays, read_arrays, read_examples
from sqsq.data.temporal import DelayedTask, Sequences, best_without_memory, digit_rows, draw_sequences

__all__ = [
    "CATALOGUE",
    "DIGITS",
    "ENCODERS",
    "PROBABILITIES",
    "RATE_LIMIT",
    "Dataset",
    "DelayedTask",
    "DirectCode",
    "Encoder",
    "Inputs",
    "LatencyCode",
    "PhaseCode",
    "RateCode",
    "Sequences",
    "Split",
    "best_without_memory",
    "cache_directory",
    "check_examples",
    "choose_classes",
    "choose_digits",
    "dataset_from_arrays",
    "decode_rates",
    "digit_rows",
    "draw_sequences",
    "fetch_files",
    "find_encoder",
    "find_entry",
    "load_dataset",
    "rate_decode",
    "rate_encode",
    "read_arrays",
    "read_examples",
    "spike_probabilities",
    "target_spikes",
    "validation_split",
]
