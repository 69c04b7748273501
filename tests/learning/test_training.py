import numpy as np
import pytest

from sqsq.engines import open_engine
from sqsq.errors import DivergenceError, UsageError
from sqsq.jobs import drive
from sqsq.learning import (
    EncodedExamples,
    IdealRule,
    IdealRuleSettings,
    LocalRule,
    LocalRuleSettings,
    Optimiser,
    TrainingProblem,
    TrainingState,
    start_training,
    training_step,
)
from sqsq.learning.training import batch_indices
from sqsq.model import Parameters, fully_connected, initial_parameters
from sqsq.tables import Scores
from tests.engines_for_tests import ProportionalEngine


def problem(**changes):
    rng = np.random.default_rng(0)
    values = {
        "network": fully_connected(2, (2,)),
        "examples": EncodedExamples(rng.uniform(0.2, 0.5, (7, 2)), rng.integers(2, size=7), 2),
        "batch_size": 3,
        "rule": LocalRule(LocalRuleSettings(m_syn=1)),
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
    state = started(p)
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
    optimiser = Optimiser("sgd", 0.1, 0.01)
    moved, state = optimiser.update(optimiser.init(arrays(0.0)), arrays(1.0), arrays(3.0))
    assert moved.weights == pytest.approx(1 - 0.1 * 3)
    assert moved.theta == pytest.approx(2 - 0.01 * 6)
    assert set(state) == {"updates"}
    assert state["updates"] == 1


def test_adam_against_its_definition():
    optimiser = Optimiser("adam", lr=0.1, lr_theta=0.1)
    parameters, state = arrays(1.0), optimiser.init(arrays(0.0))
    w, m, v = 1.0, 0.0, 0.0
    for t, g in enumerate([3.0, -1.0, 0.5], start=1):
        parameters, state = optimiser.update(state, parameters, arrays(g))
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        w -= 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        assert parameters.weights == pytest.approx(w)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "lbfgs"}, "unknown optimizer 'lbfgs': choose from sgd, adam"),
        ({"lr": 0.0}, "lr is 0.0: must be a positive number"),
        ({"lr_theta": float("nan")}, "lr-theta is nan"),
        ({"lr": True}, "lr is True: must be a positive number"),
        ({"lr": "0.1"}, "lr is '0.1': must be a positive number"),
        ({"lr": float("inf")}, "lr is inf: must be a positive number"),
        ({"beta1": 1.0}, "beta1 is 1.0: must be at least 0 and below 1"),
        ({"beta2": 1}, "beta2 is 1.0: must be at least 0 and below 1"),
        ({"beta2": -0.1}, "beta2 is -0.1: must be at least 0 and below 1"),
        ({"beta1": float("nan")}, "beta1 is nan"),
        ({"tiny": 0.0}, "tiny is 0.0: must be a positive number"),
        ({"tiny": -1e-8}, "tiny is -1e-08: must be a positive number"),
        ({"tiny": float("nan")}, "tiny is nan: must be a positive number"),
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
        ({"m": 2.5}, "M is 2.5: must be a whole number"),
        ({"m": True}, "M is True: must be a whole number"),
        ({"m_p": 5.0}, "M_p is 5.0: must be a whole number"),
        ({"m_syn": "5"}, "M_syn is '5': must be a whole number"),
        ({"m_som": float("nan")}, "M_som is nan: must be a whole number"),
        ({"epsilon": float("nan")}, "epsilon is nan: must be a positive number"),
        ({"epsilon": float("inf")}, "epsilon is inf: must be a positive number"),
        ({"epsilon": -0.1}, "epsilon is -0.1: must be a positive number"),
        ({"epsilon": 1e-300}, "epsilon is 1e-300: must be 1e-12 to 1000.0"),
        ({"epsilon": 1e300}, r"epsilon is 1e\+300: must be 1e-12 to 1000.0"),
        ({"epsilon": True}, "epsilon is True"),
        ({"shift": ["spsa"]}, r"unknown shift \['spsa'\]"),
        ({"mitigation": None}, "mitigation is None: must be a Mitigation"),
    ],
)
def test_bad_rules(arguments, message):
    with pytest.raises(UsageError, match=message):
        LocalRuleSettings(**arguments)


def test_settings_take_numbers_of_numpy_and_keep_plain_ones():
    rule = LocalRuleSettings(m=np.int64(2), m_p=np.uint8(7), epsilon=np.float32(0.5))
    assert (rule.m, rule.m_p, rule.epsilon) == (2, 7, 0.5)
    assert [type(value) for value in (rule.m, rule.m_p, rule.epsilon)] == [int, int, float]
    optimiser = Optimiser(lr=np.float64(0.25), lr_theta=1, beta1=0)
    assert [type(value) for value in (optimiser.lr, optimiser.lr_theta, optimiser.beta1)] == [float] * 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": -1}, "seed is -1: at least 0"),
        ({"seed": None}, "seed is None: must be a whole number"),
        ({"seed": 0.5}, "seed is 0.5: must be a whole number"),
        ({"batch_size": 2.5}, "batch size is 2.5: must be a whole number"),
        ({"network": fully_connected(3, (2,))}, "images have 2 pixels: the network has 3 input lines"),
        (
            {"examples": EncodedExamples(np.zeros((4, 2)), [1, 7, 1, 7], 2)},
            r"classes\[1\] is 7: must be a whole number from 0 to 1 \(number the classes 0, 1, \.\.\. with "
            r"choose_digits or numpy\.unique",
        ),
    ],
)
def test_problems_that_do_not_fit_together(changes, message):
    with pytest.raises(UsageError, match=message):
        problem(**changes)


def started(p):
    return start_training(p, initial_parameters(p.network, 1.0, np.random.default_rng(0)))


RULES = {"shots": LocalRule(LocalRuleSettings(m_syn=1)), "ideal": IdealRule(IdealRuleSettings())}


@pytest.mark.parametrize("name", ["sgd", "adam"])
@pytest.mark.parametrize("gradient", list(RULES))
def test_divergence_is_named_with_what_to_lower(name, gradient):
    """A rate of 1e13 moves currents beyond 3.5e11 at once, one of 1e308 beyond all numbers."""
    for rate in (1e13, 1e308):
        p = problem(optimiser=Optimiser(name, lr=rate), rule=RULES[gradient])
        with pytest.raises(DivergenceError) as caught:
            drive(training_step(p, started(p)), open_engine("exact"))
        message = str(caught.value)
        assert "\n" not in message
        assert message.startswith("training diverged in iteration 1: currents of neuron ")
        assert f"lower lr ({rate:g}) or lr-theta (0.02)" in message
        assert caught.value.exit_code == 1


def test_the_iteration_that_diverges_is_named():
    """As metrics count them, from 1; and angles diverge as currents do."""
    p = problem(optimiser=Optimiser("sgd", lr=0.1, lr_theta=1e13))
    state = started(p)
    message = r"iteration 1: theta\[\d, \d\] is .* and currents of neuron \d reach"
    with pytest.raises(DivergenceError, match=message):
        drive(training_step(p, state), open_engine("exact"))
    later = TrainingState(7, state.parameters, {**state.optimiser, "updates": np.array(7)})
    with pytest.raises(DivergenceError, match="diverged in iteration 8: theta"):
        drive(training_step(p, later), open_engine("exact"))


def test_currents_far_outside_0_to_1_are_no_divergence():
    """Spikes are periodic in the currents: at 1e11 training goes on."""
    p = problem()
    start = initial_parameters(p.network, 1.0, np.random.default_rng(0))
    far = Parameters(start.weights + 1e11 * (start.weights != 0), start.theta)
    (state, found), _ = drive(training_step(p, start_training(p, far)), open_engine("exact"))
    assert np.isfinite(found.loss_bound)
    assert state.parameters.weights.max() > 1e10


def test_engines_that_answer_nothing_finite_are_named():
    class Spoiled(ProportionalEngine):
        def score(self, request):
            bad = np.full(request.table.phi.shape, np.nan)
            return Scores(np.zeros(bad.shape[:2]), bad, np.zeros(request.table.theta.shape))

    p = problem(rule=RULES["ideal"])
    message = (
        r"diverged in iteration 1: the gradient by weights\[0, 0, 0\] is nan, where currents of neuron 0"
    )
    with pytest.raises(DivergenceError, match=message):
        drive(training_step(p, started(p)), Spoiled())


def test_squares_beyond_all_numbers_are_named():
    """Adam divides by the root of a mean of squares: 1e200 squared is none."""
    optimiser = Optimiser("adam")
    with pytest.raises(
        DivergenceError, match=r"iteration 1: the square of the gradient by weights\[0, 0, 0\]"
    ):
        optimiser.update(optimiser.init(arrays(0.0)), arrays(1.0), arrays(1e200))


def test_no_state_holds_what_is_not_finite():
    good, adam = arrays(1.0), Optimiser("adam")
    state = adam.init(good)
    for bad in (np.nan, np.inf):
        spoiled = arrays(1.0)
        spoiled.theta[0, 0] = bad
        for moment in ("first", "second"):
            spoilt = {**state, f"{moment}_theta": spoiled.theta}
            with pytest.raises(UsageError, match=rf"{moment} theta of the optimiser\[0, 0\] is"):
                adam.update(spoilt, good, good)
        with pytest.raises(UsageError, match=r"parameters cannot be trained: theta\[0, 0\] is"):
            TrainingState(0, spoiled, state)
    with pytest.raises(UsageError, match=r"second weights of the optimiser.* finite and not negative"):
        adam.update({**state, "second_weights": arrays(-1.0).weights}, good, good)
    with pytest.raises(UsageError, match="number of updates is -1: at least 0"):
        adam.update({**state, "updates": np.array(-1)}, good, good)
    with pytest.raises(UsageError, match=r"state of the optimiser holds \['updates'\]: must hold"):
        adam.update(Optimiser().init(good), good, good)
    with pytest.raises(UsageError, match=r"currents of neuron 0 reach 1e[+]12"):
        start_training(problem(), Parameters(np.full((1, 1, 1), 1e12), np.zeros((1, 1))))
    with pytest.raises(UsageError, match="iteration is -1: at least 0"):
        TrainingState(-1, good, state)
    wide = Parameters(np.zeros((2, 1, 1)), np.zeros((2, 1)))
    with pytest.raises(UsageError, match=r"first weights of the optimiser .*\(1, 1, 1\).*\(2, 1, 1\)"):
        adam.update(state, wide, wide)
    with pytest.raises(UsageError, match=r"gradients have shape \(1, 2\)"):
        adam.update(state, good, Parameters(np.zeros((1, 1, 1)), np.zeros((1, 2))))
