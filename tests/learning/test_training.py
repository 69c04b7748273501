import numpy as np
import pytest

from sqsq.errors import UsageError
from sqsq.jobs import drive
from sqsq.learning import (
    LocalRuleSettings,
    Optimiser,
    RateCodedImages,
    TrainingProblem,
    start_training,
    training_step,
)
from sqsq.learning.optimisers import initial_state, update
from sqsq.learning.training import batch_indices
from sqsq.model import Parameters, fully_connected, initial_parameters
from tests.engines_for_tests import ProportionalEngine


def problem(**changes):
    rng = np.random.default_rng(0)
    values = {
        "network": fully_connected(2, (2,)),
        "examples": RateCodedImages(rng.uniform(0.2, 0.5, (7, 2)), rng.integers(2, size=7), 2),
        "batch_size": 3,
        "settings": LocalRuleSettings(m_syn=1),
        "optimiser": Optimiser("adam"),
        "seed": 5,
    }
    return TrainingProblem(**{**values, **changes})


def test_every_epoch_is_shuffled_and_disjoint():
    p = problem()
    batches = [batch_indices(p, k) for k in range(4)]
    assert len({*batches[0], *batches[1]}) == 6
    assert len({*batches[2], *batches[3]}) == 6
    assert not np.array_equal(np.concatenate(batches[:2]), np.concatenate(batches[2:]))
    assert not np.array_equal(batches[0], batch_indices(problem(seed=6), 0))


def test_the_same_state_gives_the_same_next_one():
    p = problem()
    state = start_training(initial_parameters(p.network, 1.0, np.random.default_rng(0)))
    first = second = state
    for _ in range(3):
        (first, _), _ = drive(training_step(p, first), ProportionalEngine())
    for _ in range(2):
        (second, _), _ = drive(training_step(p, second), ProportionalEngine())
    (second, _), _ = drive(training_step(p, second), ProportionalEngine())
    assert first.iteration == 3
    assert np.array_equal(first.parameters.weights, second.parameters.weights)
    assert np.array_equal(first.parameters.theta, second.parameters.theta)
    assert not np.array_equal(first.parameters.weights, state.parameters.weights)


@pytest.mark.parametrize("size", [0, 8])
def test_batches_fit_the_data(size):
    with pytest.raises(UsageError, match=f"batch size {size}: must be 1 to 7"):
        problem(batch_size=size)


def arrays(value):
    return Parameters(np.full((1, 1, 1), value), np.full((1, 1), 2 * value))


def test_sgd():
    moved, state = update(Optimiser("sgd", 0.1, 0.01), initial_state(arrays(0.0)), arrays(1.0), arrays(3.0))
    assert moved.weights == pytest.approx(1 - 0.1 * 3)
    assert moved.theta == pytest.approx(2 - 0.01 * 6)
    assert state.updates == 1


def test_adam_against_its_definition():
    optimiser = Optimiser("adam", lr=0.1, lr_theta=0.1)
    parameters, state = arrays(1.0), initial_state(arrays(0.0))
    w, m, v = 1.0, 0.0, 0.0
    for t, g in enumerate([3.0, -1.0, 0.5], start=1):
        parameters, state = update(optimiser, state, parameters, arrays(g))
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        w -= 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        assert parameters.weights == pytest.approx(w)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "lbfgs"}, "unknown optimizer 'lbfgs': choose from sgd, adam"),
        ({"lr": 0.0}, "lr is 0.0: must be a positive number"),
        ({"lr_theta": float("nan")}, "lr-theta is nan"),
    ],
)
def test_bad_optimisers(arguments, message):
    with pytest.raises(UsageError, match=message):
        Optimiser(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"m": 0}, "M is 0: at least 1"),
        ({"m_syn": 0}, "M_syn is 0"),
        ({"m_som": -1}, "M_som is -1"),
        ({"m_p": 0}, "M_p is 0"),
        ({"epsilon": 0.0}, "epsilon is 0.0: must be a positive number"),
        ({"shift": "half"}, "unknown shift 'half': choose from paper, exact, sampled, spsa"),
        ({"estimator": "x"}, "unknown estimator 'x'"),
        ({"feedback": "x"}, "unknown feedback 'x'"),
        ({"baseline": "passes"}, "M = 1 leaves none"),
    ],
)
def test_bad_rules(arguments, message):
    with pytest.raises(UsageError, match=message):
        LocalRuleSettings(**arguments)
