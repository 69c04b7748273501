"""What others add from outside of the package: one value and one line that registers it, each.

A data set, model, rule, backend, optimiser and encoder; and what is said of those that lack something.
"""

from dataclasses import dataclass, field
from importlib.metadata import EntryPoint
from typing import Annotated, ClassVar

import numpy as np
import pytest

import sqsq
from sqsq.checks import Says
from sqsq.data import CATALOGUE, ENCODERS, CatalogueEntry, Dataset, Split
from sqsq.engines import BackendChoice, find_provider, is_hardware, providers
from sqsq.engines.exact import ExactEngine
from sqsq.engines.ideal import ideal_circuit
from sqsq.errors import BackendError, DataError, UsageError
from sqsq.inference import Predictions
from sqsq.learning import OPTIMISERS, LocalGradient
from sqsq.model import Parameters
from sqsq.models import MODELS
from tests.cli.in_process import sqsq_command

RNG = np.random.default_rng(5)
Y = np.repeat(["left", "right"], 40)
X = np.clip(0.1 * RNG.random((80, 6)) + 0.5 * (np.arange(6) // 3 == (Y == "right")[:, None]), 0, 1)
SMALL = {"backend": "exact", "steps": 4, "iterations": 3}


@pytest.fixture(autouse=True)
def forget(monkeypatch):
    """What a test registers is gone after it."""
    for registry in (CATALOGUE, ENCODERS, OPTIMISERS, MODELS, providers._PROVIDERS):
        for name in dict(registry):
            monkeypatch.setitem(registry, name, registry[name])
    before = [(registry, set(registry)) for registry in (CATALOGUE, ENCODERS, OPTIMISERS, MODELS)]
    before.append((providers._PROVIDERS, set(providers._PROVIDERS)))
    yield
    for registry, names in before:
        for name in set(registry) - names:
            del registry[name]


def halves(data_dir=None, progress=False):
    numbers = (Y == "right").astype(int)
    return Dataset("halves", Split(X, numbers), Split(X[::4], numbers[::4]), ("left", "right"))


def test_a_data_set(tmp_path):
    sqsq.register_dataset(CatalogueEntry("halves", "left or right", halves))
    run = sqsq.train("halves", run_dir=tmp_path / "run", **SMALL)
    assert run.classes == ("left", "right")
    assert sqsq.open_run(tmp_path / "run").accuracy == run.accuracy
    assert sqsq_command("train", "halves", "--iterations", 1, "--run-dir", tmp_path / "other").returncode == 0
    assert "halves" in sqsq_command("data", "list").stdout
    with pytest.raises(UsageError, match="halves' is registered already"):
        sqsq.register_dataset(CatalogueEntry("halves", "others", halves))


@dataclass(frozen=True)
class MeansSettings:
    section: ClassVar[str] = "Means"
    iterations: Annotated[int, Says("How often means are looked at.")] = 2
    power: Annotated[float, Says("Of distances.")] = 2.0


@dataclass(frozen=True)
class MeansTrainer:
    """The class whose mean is nearest: classical, yields nothing."""

    settings: MeansSettings
    problem: object
    seed: int

    def init(self):
        return np.zeros((len(self.problem.classes), self.problem.inputs))

    def step(self, state, iteration):
        examples = self.problem.examples
        means = [examples.images[examples.labels == k].mean(axis=0) for k in range(len(state))]
        return np.array(means), {"spread": float(np.var(means))}
        yield

    def predict(self, state, examples, rng, key=()):
        away = (np.abs(examples[:, None] - state) ** self.settings.power).sum(axis=-1)
        closeness = np.exp(-away)
        return Predictions(away.argmin(axis=1), closeness / closeness.sum(axis=1, keepdims=True))
        yield

    def arrays(self, state):
        return {"means": state}

    def restore(self, arrays):
        return arrays["means"]


def test_a_model(tmp_path):
    model = sqsq.register_model(sqsq.Model("means", "the nearest mean", MeansSettings, MeansTrainer))
    run = sqsq.train(X, Y, model="means", power=1.5, run_dir=tmp_path / "run")
    assert run.accuracy == 1
    assert [list(line.measures) for line in run.metrics] == [["spread"]] * 2
    assert run.spikes is None
    assert run.usage.executions == 0
    assert (tmp_path / "run" / "training.png").exists()
    opened = sqsq.open_run(tmp_path / "run")
    assert opened.status().state == "finished"
    assert opened.settings.trainer.power == 1.5
    assert (opened.predict(X).classes == Y).all()
    assert (sqsq.load_model(tmp_path / "run" / "model.npz").predict(X).classes == Y).all()
    with pytest.raises(UsageError, match="model means is no network of spiking neurons"):
        _ = opened.network
    with pytest.raises(DataError, match="holds a model without a network of neurons"):
        sqsq.model.load_model(tmp_path / "run" / "model.npz")
    sqsq.register_dataset(CatalogueEntry("halves", "left or right", halves))
    folder = tmp_path / "other"
    assert sqsq_command("train", "halves", "--model", "means", "--run-dir", folder).returncode == 0
    assert "accuracy 1.0000" in sqsq_command("evaluate", folder).stdout
    refused = sqsq_command("evaluate", folder, "--shots", 5)
    assert refused.returncode == 2
    assert "model means estimates no probabilities" in refused.stderr
    assert "no network of spiking neurons" in sqsq_command("compile", "network", folder).stderr
    del MODELS["means"]
    with pytest.raises(DataError, match=r"unknown model 'means'.*register your own in the same"):
        sqsq.open_run(tmp_path / "run")
    assert sqsq.train(X, Y, model=model, run_dir=tmp_path / "run", resume=True).accuracy == 1


def test_a_model_that_is_stopped_goes_on(tmp_path):
    sqsq.register_model(sqsq.Model("means", "the nearest mean", MeansSettings, MeansTrainer))

    class StopError(Exception):
        pass

    def stop(event):
        raise StopError

    with pytest.raises(StopError):
        sqsq.train(X, Y, model="means", run_dir=tmp_path / "run", on_event=stop)
    assert sqsq.open_run(tmp_path / "run").status().iteration in (0, 1)
    again = sqsq.train(X, Y, model="means", run_dir=tmp_path / "run", resume=True)
    assert [line.iteration for line in again.metrics] == [1, 2]


@dataclass(frozen=True)
class NoIterations:
    power: int = 1


class NoPredict:
    def __init__(self, settings, problem, seed):
        pass

    def init(self):
        pass

    def step(self, state, iteration):
        pass


def test_models_that_lack_something():
    with pytest.raises(UsageError, match="do not say how many iterations there are"):
        sqsq.Model("short", "", NoIterations, MeansTrainer)
    with pytest.raises(UsageError, match="must be a dataclass"):
        sqsq.Model("short", "", dict, MeansTrainer)
    with pytest.raises(UsageError, match="a model to register is 5: must be a Model"):
        sqsq.register_model(5)
    with pytest.raises(UsageError, match="a model named 'local' is registered already"):
        sqsq.register_model(sqsq.Model("local", "", MeansSettings, MeansTrainer))
    short = sqsq.Model("short", "", MeansSettings, NoPredict)
    with pytest.raises(UsageError, match=r"is not a trainer.*it lacks predict, arrays, restore"):
        sqsq.train(X, Y, model=short)


@dataclass(frozen=True)
class Hebbian:
    """Moves weights towards what was active where the target spikes."""

    m: int = 1
    asked: list = field(default_factory=list)

    def gradient(self, network, parameters, batch, rng, key):
        self.asked.append(key)
        activity = batch.inputs.mean(axis=(1, 2))
        wanted = batch.targets.mean(axis=(1, 3))
        along = np.einsum("bi,bo->oi", activity - activity.mean(0), wanted - wanted.mean(0))
        weights = np.zeros_like(parameters.weights)
        weights[list(network.outputs), : network.inputs, 0] = -along
        return LocalGradient(Parameters(weights, np.zeros_like(parameters.theta)), 0.0, 0.0)
        yield


def test_a_rule(tmp_path):
    rule = Hebbian()
    run = sqsq.train(X, Y, rule=rule, lr=0.3, run_dir=tmp_path / "run", **SMALL)
    assert rule.asked == [("iteration", k) for k in range(3)]
    assert run.accuracy > 0.8
    assert (sqsq.open_run(tmp_path / "run").predict(X).classes == run.predict(X).classes).all()
    with pytest.raises(UsageError, match="this run's 'rule' was handed over by a program"):
        sqsq.train(X, Y, run_dir=tmp_path / "run", resume=True, **SMALL, lr=0.3)
    with pytest.raises(UsageError, match="is not a rule: it lacks m, gradient"):
        sqsq.train(X, Y, rule=5, **SMALL)
    with pytest.raises(UsageError, match="model reservoir has no rule"):
        sqsq.train(X, Y, rule=rule, model="reservoir", steps=4)


@dataclass(frozen=True)
class Signs:
    """A step of the learning rate against the sign of each gradient."""

    lr: float = 0.05
    lr_theta: float = 0.01

    def init(self, parameters):
        return {"steps": np.zeros(())}

    def update(self, state, parameters, gradients):
        weights = parameters.weights - self.lr * np.sign(gradients.weights)
        theta = parameters.theta - self.lr_theta * np.sign(gradients.theta)
        return Parameters(weights, theta), {"steps": state["steps"] + 1}


def test_an_optimiser(tmp_path):
    sqsq.register_optimiser("only-signs", Signs)
    by_name = sqsq.train(
        X, Y, optimizer="only-signs", lr=0.1, lr_theta=0.01, run_dir=tmp_path / "run", **SMALL
    )
    given = sqsq.train(X, Y, optimizer=Signs(0.1), **SMALL)
    assert (by_name.parameters.weights == given.parameters.weights).all()
    assert by_name.state.optimiser["steps"] == 3
    moved = by_name.parameters.weights - sqsq.train(X, Y, **{**SMALL, "iterations": 1}).parameters.weights
    assert moved.any()
    assert sqsq.open_run(tmp_path / "run").status().state == "finished"
    with pytest.raises(UsageError, match=r"unknown optimizer 'only-sign' \(did you mean only-signs\?\)"):
        sqsq.train(X, Y, optimizer="only-sign", **SMALL)
    with pytest.raises(UsageError, match="is not an optimiser: it lacks init, update"):
        sqsq.train(X, Y, optimizer=7, **SMALL)
    with pytest.raises(UsageError, match="an optimiser named 'sgd' is registered already"):
        sqsq.register_optimiser("sgd", Signs)


def toy_backend(choice: BackendChoice):
    return ExactEngine(choice.name, ideal_circuit, choice.seed)


TOY = sqsq.BackendProvider("toy_<device>", "an exact engine under another name", toy_backend)


def test_a_backend(tmp_path):
    sqsq.register_backend(TOY)
    run = sqsq.train(X, Y, run_dir=tmp_path / "run", **{**SMALL, "backend": "toy_one"})
    exact = sqsq.train(X, Y, **SMALL)
    assert (run.parameters.weights == exact.parameters.weights).all()
    assert not is_hardware("toy_one")
    assert TOY in providers.backend_providers()
    with pytest.raises(BackendError, match="unknown backend 'toy_': choose from aer, exact"):
        sqsq.train(X, Y, **{**SMALL, "backend": "toy_"})
    with pytest.raises(UsageError, match="a backend provider to register is 'aer'"):
        sqsq.register_backend("aer")
    with pytest.raises(UsageError, match="backends named aer are registered already"):
        sqsq.register_backend(sqsq.BackendProvider("aer", "", toy_backend))


def test_a_backend_of_another_package(monkeypatch):
    entries = [EntryPoint("toy", f"{__name__}:TOY", "sqsq.backends")]
    monkeypatch.setattr(providers, "entry_points", lambda group: entries if group == "sqsq.backends" else [])
    providers._load_others.cache_clear()
    try:
        assert find_provider("toy_one") is TOY
        entries[0] = EntryPoint("broken", "nowhere:TOY", "sqsq.backends")
        providers._load_others.cache_clear()
        with pytest.raises(
            BackendError, match=r"the backend provider broken \(nowhere:TOY\) cannot be loaded"
        ):
            find_provider("something")
    finally:
        providers._load_others.cache_clear()


@dataclass(frozen=True)
class EvenOdd:
    """Values spike at even steps if they are above a half, else at odd ones."""

    name: ClassVar[str] = "even-odd"

    def check(self, values, name, lines=None):
        return np.asarray(values, float)

    def encode(self, values, passes, steps, rng):
        even = np.arange(steps)[:, None] % 2 == 0
        spikes = (values[:, None] > 0.5) == even
        return np.repeat(spikes[:, None], passes, axis=1).astype(np.uint8)

    def spikes_per_step(self, values, steps):
        return values.shape[1] / 2


def test_an_encoder(tmp_path):
    sqsq.register_encoder(EvenOdd)
    run = sqsq.train(X, Y, encoder="even-odd", run_dir=tmp_path / "run", **SMALL)
    assert run.settings.data.encoding == EvenOdd()
    assert sqsq.open_run(tmp_path / "run").predict(X[:2]).spikes.shape == (2, 4, 2, 1)
    with pytest.raises(UsageError, match=r"unknown encoder 'even-od' \(did you mean even-odd\?\)"):
        sqsq.train(X, Y, encoder="even-od", **SMALL)
