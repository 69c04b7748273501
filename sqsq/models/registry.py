"""The registry of models: what can be trained, by name."""

from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from typing import Any

from sqsq.checks import check_parts, did_you_mean, settings_in, shown
from sqsq.errors import UsageError
from sqsq.training import Problem, Trainer


@dataclass(frozen=True)
class Model:
    """A model.

    Attributes:
        name: Its name, for ``--model``.
        summary: One line about it.
        settings: A frozen dataclass of its settings, each with a default. Fields with a ``Says`` are
            settings, fields that are dataclasses are groups of them; ``iterations``, a field or a property,
            says how many iterations there are.
        trainer: Makes a trainer of settings, problem and seed.
        backend: The backend that it runs on by default.
        exact: Whether it asks for exact answers, which few backends have.

    Raises:
        UsageError: If it has no name, its settings are no such dataclass, or its trainer cannot be made.
    """

    name: str
    summary: str
    settings: type
    trainer: Callable[[Any, Problem, int], Trainer[Any]]
    backend: str = "aer"
    exact: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.isprintable() or not self.name.strip():
            raise UsageError(f"the name of a model is {shown(self.name)}: must be text")
        if not isinstance(self.settings, type) or not is_dataclass(self.settings):
            raise UsageError(f"settings of model {self.name} are {shown(self.settings)}: must be a dataclass")
        if not hasattr(self.settings(), "iterations"):
            raise UsageError(f"settings of model {self.name} do not say how many iterations there are")
        settings_in(self.settings)
        if not callable(self.trainer):
            raise UsageError(f"the trainer of model {self.name} is {shown(self.trainer)}: must make one")

    def make_trainer(self, settings: Any, problem: Problem, seed: int) -> Trainer[Any]:
        """A trainer of this model.

        Raises:
            UsageError: If what is made is no trainer, or settings and problem do not fit together.
        """
        trainer = self.trainer(settings, problem, seed)
        check_parts(trainer, Trainer, f"a trainer, which model {self.name} should make")
        return trainer


MODELS: dict[str, Model] = {}
"""By name."""


def register_model(model: Model) -> Model:
    """Make a model available by its name, in this process.

    Raises:
        UsageError: If it is no model, or another one has the name.
    """
    if not isinstance(model, Model):
        raise UsageError(f"a model to register is {shown(model)}: must be a Model")
    if MODELS.setdefault(model.name, model) != model:
        raise UsageError(f"a model named {model.name!r} is registered already: choose another name")
    return model


def find_model(name: str) -> Model:
    """Look a model up.

    Raises:
        UsageError: If there is none of this name.
    """
    if not isinstance(name, str) or name not in MODELS:
        raise UsageError(
            f"unknown model {shown(name)}{did_you_mean(name, MODELS)}: choose from {', '.join(MODELS)}, or "
            "register your own in the same Python process (sqsq.register_model)"
        )
    return MODELS[name]
