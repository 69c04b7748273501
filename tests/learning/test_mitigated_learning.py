"""The local rule with mitigated probabilities."""

import numpy as np
import pytest

from sqsq.engines import open_engine
from sqsq.errors import UsageError
from sqsq.jobs import drive
from sqsq.learning import Batch, LocalRuleSettings, local_rule
from sqsq.mitigation import Extrapolation, Mitigation, calibrate
from sqsq.model import Neuron, Parameters, fully_connected, initial_parameters
from tests.mitigation.test_calibration import NOW

SETTINGS = {"m_syn": 1, "m_p": 100_000, "epsilon": 0.3, "shift": "exact"}


class Problem:
    """One neuron on two inputs over two steps."""

    def __init__(self):
        rng = np.random.default_rng(0)
        self.network = fully_connected(2, (1,), Neuron())
        start = initial_parameters(self.network, 1.0, rng)
        self.parameters = Parameters(start.weights, np.array([[0.7, 0.4, -0.5]]))
        self.batch = Batch(np.ones((1, 1, 2, 2), np.uint8), np.array([1, 0], np.uint8).reshape(1, 2, 1, 1))

    def rule(self, engine, mitigation, calibrations=(), **settings):
        rule = LocalRuleSettings(**{**SETTINGS, **settings}, mitigation=mitigation)
        step = local_rule(
            self.network,
            self.parameters,
            self.batch,
            rule,
            np.random.default_rng(0),
            calibrations=calibrations,
        )
        result, usage = drive(step, engine)
        return np.concatenate([result.gradients.weights.ravel(), result.gradients.theta.ravel()]), usage


@pytest.mark.parametrize("estimator", ["marginal", "prefix"])
def test_mitigated_gradients_are_nearer_to_the_ideal_ones(estimator):
    """100,000 shots: shot noise of a gradient is below 0.01, the bias of fake_lagos' noise well above."""
    pytest.importorskip("mitiq", reason="mitiq is an extra")
    problem, engine = Problem(), open_engine("exact:fake_lagos")
    calibration, _ = drive(calibrate(Neuron(), 2, 1_000_000, backend="b", taken_at=NOW), engine)
    ideal, raw_usage = problem.rule(open_engine("exact"), Mitigation(), estimator=estimator)
    raw, _ = problem.rule(engine, Mitigation(), estimator=estimator)
    combined = Mitigation(Extrapolation(), "calibration")
    mitigated, usage = problem.rule(engine, combined, [calibration], estimator=estimator)
    assert usage.executions == raw_usage.executions
    assert np.abs(mitigated - ideal).mean() < 0.7 * np.abs(raw - ideal).mean()


def test_settings_refuse_what_cannot_be_carried_out():
    with pytest.raises(UsageError, match="1 shots an evaluation cannot be split over 2 noise scales"):
        LocalRuleSettings(m_p=1, mitigation=Mitigation(Extrapolation()))
    with pytest.raises(UsageError, match="gradient 'ideal' takes no shots"):
        LocalRuleSettings(gradient="ideal", mitigation=Mitigation(None, "calibration"))
    with pytest.raises(UsageError, match="readout correction needs a calibration"):
        Problem().rule(open_engine("exact"), Mitigation(None, "calibration"))
