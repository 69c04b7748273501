import numpy as np
import pytest

from sqsq.errors import UsageError
from sqsq.learning.feedback import feedback_signal

LOSSES = np.array([[[1.0, 2.0, 4.0], [3.0, 0.0, 1.0]], [[0.0, 1.0, 0.0], [2.0, 2.0, 2.0]]])


def test_to_go_is_the_sum_of_what_is_still_to_come():
    assert feedback_signal(LOSSES, "to-go", "none")[0, 0].tolist() == [7, 6, 4]
    assert np.array_equal(feedback_signal(LOSSES, "paper", "none"), LOSSES)


def test_baselines_leave_the_own_pass_out():
    passes = feedback_signal(LOSSES, "paper", "passes")
    assert passes[0, 0].tolist() == [1 - 3, 2 - 0, 4 - 1]
    assert np.array_equal(feedback_signal(LOSSES, "paper", "auto"), passes)
    batch = feedback_signal(LOSSES, "paper", "batch")
    assert batch[0, 0, 0] == pytest.approx(1 - (3 + 0 + 2) / 3)
    assert np.array_equal(feedback_signal(LOSSES[:, :1], "paper", "auto"), LOSSES[:, :1])


def test_baselines_need_something_to_compare_with():
    for baseline in ("passes", "batch"):
        with pytest.raises(UsageError, match="leaves none"):
            feedback_signal(LOSSES[:1, :1], "paper", baseline)
