from itertools import product

import numpy as np
import pytest

from sqsq.data import DelayedTask, Split, best_without_memory, digit_rows, draw_sequences, load_dataset
from sqsq.errors import UsageError
from tests.statistics import assert_mean_is


@pytest.mark.parametrize(("rule", "delay", "lines"), [("recall", 1, 1), ("recall", 3, 4), ("xor", 2, 1)])
def test_targets_follow_from_inputs(rule, delay, lines):
    sequences = draw_sequences(DelayedTask(rule, delay, 6, lines), 50, np.random.default_rng(0))
    assert sequences.inputs.shape == sequences.targets.shape == (50, 6, lines)
    assert sequences.counted.tolist() == [t >= delay for t in range(6)]
    for inputs, targets in zip(sequences.inputs, sequences.targets, strict=True):
        for t in range(delay, 6):
            expected = inputs[t - delay] if rule == "recall" else (inputs[t] + inputs[t - delay]) % 2
            assert targets[t].tolist() == expected.tolist()
    if lines > 1:
        assert (sequences.inputs.sum(axis=2) == 1).all()


def test_bits_are_fair_and_seeded():
    task = DelayedTask("recall", 1, 5)
    first, second = (draw_sequences(task, 2000, np.random.default_rng(1)) for _ in range(2))
    assert np.array_equal(first.inputs, second.inputs)
    assert_mean_is(first.inputs[:, :, 0], 0.5)


@pytest.mark.parametrize(
    ("rule", "delay", "lines"), [("recall", 1, 1), ("recall", 2, 2), ("recall", 1, 3), ("xor", 1, 1)]
)
def test_the_best_without_memory_is_that_of_every_function_of_the_present(rule, delay, lines):
    """All functions of the present symbol, tried on all sequences."""
    task = DelayedTask(rule, delay, delay + 1, lines)
    symbols = task.symbols
    sequences = np.array([symbols[list(s)] for s in product(range(len(symbols)), repeat=delay + 1)])
    present, wanted = sequences[:, -1], task.answers(sequences)[:, -1]
    best = 0.0
    for table in product(product((0, 1), repeat=lines), repeat=len(symbols)):
        index = (present[:, None] == symbols).all(axis=2).argmax(axis=1)
        best = max(best, float((np.array(table)[index] == wanted).all(axis=1).mean()))
    assert best_without_memory(task) == pytest.approx(best)


@pytest.mark.parametrize("coding", ["rate", "threshold"])
def test_digits_come_row_by_row(coding):
    split = load_dataset("digits").test.select(slice(40))
    sequences = digit_rows(split, 8, 10, coding, np.random.default_rng(0))
    assert sequences.inputs.shape == (40, 8, 8)
    bright = split.images.reshape(40, 8, 8)
    assert not sequences.inputs[bright == 0].any()
    if coding == "threshold":
        assert np.array_equal(sequences.inputs, bright > 0.5)
    assert np.array_equal(sequences.targets.argmax(axis=2), np.repeat(split.labels[:, None], 8, axis=1))
    assert (sequences.targets.sum(axis=2) == 1).all()
    assert sequences.counted.all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("echo", 1, 4), "unknown rule 'echo': choose from recall, xor"),
        (("recall", 0, 4), "delay 0 of 4 steps: must be 1 to 3"),
        (("recall", 4, 4), "delay 4 of 4 steps"),
        (("xor", 1, 4, 2), "xor of 2 lines: recall takes 1 or more, xor takes 1"),
        (("recall", 1, 4, 0), "recall of 0 lines"),
    ],
)
def test_bad_tasks(arguments, message):
    with pytest.raises(UsageError, match=message):
        DelayedTask(*arguments)


def test_bad_digit_rows():
    split = Split(np.zeros((1, 64)), np.zeros(1, np.intp))
    with pytest.raises(UsageError, match="images of 64 pixels are not 16x16"):
        digit_rows(split, 16, 2)
    with pytest.raises(UsageError, match="unknown coding 'ink'"):
        digit_rows(split, 8, 2, "ink")
    with pytest.raises(UsageError, match="needs a generator of random numbers"):
        digit_rows(split, 8, 2)
    with pytest.raises(UsageError, match=r"classes\[0\] is 9: must be a whole number from 0 to 1"):
        digit_rows(Split(np.zeros((1, 64)), [9]), 8, 2, "threshold")
    with pytest.raises(UsageError, match=r"side is 8.0: must be a whole number"):
        digit_rows(split, 8.0, 2)
    with pytest.raises(UsageError, match=r"rng is 1: must be a generator, such as numpy.random.default_rng"):
        digit_rows(split, 8, 2, rng=1)


@pytest.mark.parametrize(
    ("examples", "message"), [(-1, "examples is -1: at least 0"), (2.5, "examples is 2.5: must be a whole")]
)
def test_numbers_of_sequences_are_checked(examples, message):
    task = DelayedTask("recall", np.int64(1), np.uint8(3))
    assert len(draw_sequences(task, 0, np.random.default_rng(0))) == 0
    with pytest.raises(UsageError, match=message):
        draw_sequences(task, examples, np.random.default_rng(0))
    with pytest.raises(UsageError, match="rng is None"):
        draw_sequences(task, 1, None)


@pytest.mark.parametrize("values", [(True, 3), (1, 2.5), (float("nan"), 3), ("1", 3)])
def test_tasks_count_in_whole_numbers(values):
    with pytest.raises(UsageError, match="must be a whole number"):
        DelayedTask("recall", *values)
