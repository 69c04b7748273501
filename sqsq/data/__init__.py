"""Data sets, and how images become spikes and spikes become classes."""

from sqsq.data.catalogue import CATALOGUE, fetch_files, find_entry, load_dataset
from sqsq.data.dataset import Dataset, Split, choose_digits, spike_probabilities, validation_split
from sqsq.data.encoding import decode_rates, rate_decode, rate_encode, target_spikes
from sqsq.data.files import cache_directory
from sqsq.data.temporal import DelayedTask, Sequences, best_without_memory, digit_rows, draw_sequences

__all__ = [
    "CATALOGUE",
    "Dataset",
    "DelayedTask",
    "Sequences",
    "Split",
    "best_without_memory",
    "cache_directory",
    "choose_digits",
    "decode_rates",
    "digit_rows",
    "draw_sequences",
    "fetch_files",
    "find_entry",
    "load_dataset",
    "rate_decode",
    "rate_encode",
    "spike_probabilities",
    "target_spikes",
    "validation_split",
]
