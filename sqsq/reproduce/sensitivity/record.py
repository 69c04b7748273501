"""What a study of the local gradient is written down as."""

from typing import Any

from sqsq.data import find_entry
from sqsq.engines import Engine, open_engine
from sqsq.reproduce.sensitivity.measurement import difference
from sqsq.reproduce.sensitivity.options import SensitivityOptions, own_digest
from sqsq.reproduce.sensitivity.points import CENTRE, Point, StateName
from sqsq.reproduce.sensitivity.states import NetworkState
from sqsq.runs import versions

NAME = "sensitivity"
_EXPLAINED = {
    "estimates": "independent estimates of one gradient, with fresh perturbations and shots; inputs are held",
    "bias_squared": "of the expected estimate, |E - g|^2: the mean over pairs of different estimates, which "
    "is unbiased and may be negative; jackknife standard error",
    "relative_bias": "|E - g| / |g|; low and high: two standard errors of its square below and above "
    "(above 0, where the square is negative)",
    "variance": "trace of the covariance of one estimate",
    "gain": "E . g / |g|^2, 1 without bias",
    "cosine": "mean cosine of the angle between one estimate and g",
}


def request_of(options: SensitivityOptions, point: Point) -> dict[str, Any]:
    """All that a measured point depends on, as JSON types."""
    shared = ("backend", "data", "repeats", "training_iterations", "batch_size", "seed")
    own = {} if (digest := own_digest(point.ansatz)) is None else {"own_ansatz": digest}
    return {**point.to_json(), **{name: getattr(options, name) for name in shared}, **own}


def state_record(
    options: SensitivityOptions, ansatz: str, name: StateName, state: NetworkState, engine: Engine
) -> dict[str, Any]:
    """How far the device's noise alone moves the exact gradient, as JSON types."""
    noisy = state.exact_gradient(engine)
    ideal = state.exact_gradient(open_engine("exact", options.seed))
    return {
        "ansatz": ansatz,
        "state": name,
        "noise": {
            "weights": difference(noisy.weights, ideal.weights),
            "theta": difference(noisy.theta, ideal.theta),
        },
    }


def sensitivity_record(
    options: SensitivityOptions,
    states: list[dict[str, Any]],
    measured: list[dict[str, Any]],
    command: str | None,
) -> dict[str, Any]:
    """Everything about a study as JSON types; it can be drawn from this alone."""
    return {
        "figure": NAME,
        "title": "Bias and variance of the local gradient, eqs. (24) and (25)",
        "command": command,
        "versions": versions(),
        "data": {
            "name": options.data,
            "sha256": {file.name: file.sha256 for file in find_entry(options.data).files},
        },
        "options": options.to_json(),
        "centre": CENTRE,
        "explained": _EXPLAINED,
        "states": states,
        "points": measured,
    }
