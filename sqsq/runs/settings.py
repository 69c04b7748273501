"""Everything that determines a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar

from sqsq.checks import (
    Known,
    Says,
    Within,
    check_known,
    from_nested_json,
    make_plain,
    moved_into,
    nested_json,
    settings_in,
    shown,
    value_of,
    with_values,
)
from sqsq.engines import BackendChoice, is_hardware
from sqsq.errors import UsageError
from sqsq.jobs import Resources
from sqsq.model import AnsatzDefinition, Neuron, register_definition
from sqsq.models import MODELS, Model, find_model
from sqsq.runs.groups import BackendSettings, DataSettings, EvaluationSettings

_ANSATZ = "ansatz_definition"
"""Where a user's own ansatz stands among stored settings: its name alone would not say what was trained."""


@dataclass(frozen=True)
class RunSettings:
    """The settings of a run; each also has one name by which options and keywords change it.

    Attributes:
        model: The name of the model.
        seed: The seed of everything.
        data: The examples.
        evaluation: What it is evaluated on, and when.
        backend: What it trains on.
        trainer: The settings of the model.

    Raises:
        UsageError: If a value is not allowed.
    """

    section: ClassVar[str] = "Model"
    model: Annotated[str, Says("What is trained: local, ideal, reservoir or lif.", metavar="NAME")] = "local"
    seed: Annotated[int, Within(0), Says("Seed of the run.")] = 0
    data: DataSettings = field(default_factory=DataSettings)
    evaluation: EvaluationSettings = field(default_factory=EvaluationSettings)
    backend: BackendSettings = field(default_factory=BackendSettings)
    trainer: Any = None

    def __post_init__(self) -> None:
        make_plain(self)
        kind = self.kind.settings
        if self.trainer is None:
            object.__setattr__(self, "trainer", kind())
        if not isinstance(self.trainer, kind):
            raise UsageError(f"the settings of model {self.model} are {kind.__name__}")

    @property
    def kind(self) -> Model:
        """The model."""
        return find_model(self.model)

    @property
    def iterations(self) -> int:
        """How many iterations there are."""
        return int(self.trainer.iterations)

    @property
    def evaluating(self) -> str:
        """The backend to evaluate on."""
        return self.evaluation.evaluate_backend or self.backend.name

    @property
    def backends(self) -> tuple[str, ...]:
        """The different backends of the run, that of training first."""
        return tuple(dict.fromkeys((self.backend.name, self.evaluating)))

    @property
    def hardware(self) -> bool:
        """Whether any of them is a real device."""
        return any(is_hardware(name) for name in self.backends)

    def choice(self, name: str, resources: Resources | None = None) -> BackendChoice:
        """A backend, used as this run uses it."""
        resources = resources or Resources()
        return BackendChoice(
            name,
            self.seed,
            self.backend.idle_noise,
            self.backend.placement_on(name),
            resources.instance,
            resources.batch,
        )

    def evaluates_after(self, iteration: int) -> bool:
        """Whether the model is evaluated after so many iterations."""
        every = self.evaluation.eval_every
        if every is None:
            every = self.iterations if is_hardware(self.evaluating) else 10
        return iteration % every == 0 or iteration == self.iterations

    def values(self) -> dict[str, Any]:
        """All settings by name."""
        return {name: value_of(self, setting) for name, setting in known_settings(self.model).items()}

    def changed(self, **changes: Any) -> "RunSettings":
        """The same with other values of some settings, by name.

        Where ``model`` changes, what both models have stays, unless it is a default.

        Raises:
            UsageError: If there is no setting of a name, or a value is not allowed.
        """
        model = find_model(changes.pop("model", self.model)).name
        if model != self.model:
            return settings_with(model, {**self._kept_by(model), **changes})
        known = known_settings(self.model)
        _check_names(changes, known, self.model)
        return with_values(self, changes, known)

    def _kept_by(self, model: str) -> dict[str, Any]:
        """What stays where the model changes: settings that both have, unless they are defaults."""
        defaults, known = settings_with(self.model, {}).values(), known_settings(model)
        return {
            name: value
            for name, value in self.values().items()
            if name in known and name != "model" and value != defaults[name]
        }

    def to_json(self) -> dict[str, Any]:
        """As JSON types, for ``config.json``; with the definition of a user's own ansatz."""
        values = nested_json(self, known_settings(self.model))
        if self.data.own_file:
            values["data"]["source"] = str(Path(self.data.source).resolve())
        own = self._own_ansatz()
        return values if own is None else {**values, _ANSATZ: own.to_json()}

    @staticmethod
    def from_json(values: Any) -> "RunSettings":
        """Read what ``to_json`` wrote; a user's own ansatz is registered.

        Raises:
            UsageError: If a setting is unknown or not allowed, or another ansatz has the name.
        """
        if not isinstance(values, dict):
            raise UsageError("settings are no object of names and values")
        values = dict(values)
        stored = values.pop(_ANSATZ, None)
        if stored is not None:
            register_definition(AnsatzDefinition.from_json(stored))
        model = values.get("model", RunSettings.model)
        settings = from_nested_json(settings_with(model, {}), values, known_settings(model))
        own = settings._own_ansatz()
        if (None if own is None else own.digest) != (None if stored is None else stored["digest"]):
            raise UsageError(
                f"the settings do not say which circuit ansatz {shown(settings.values().get('ansatz'))} is: "
                "an older sqsq wrote them, or they were edited"
            )
        return settings

    def _own_ansatz(self) -> AnsatzDefinition | None:
        """What a user's own ansatz is; None where the model has none."""
        neuron = getattr(getattr(self.trainer, "network", None), "neuron", None)
        return neuron.own_definition if isinstance(neuron, Neuron) else None


@cache
def _known(kind: Model) -> Known:
    return {**settings_in(RunSettings), **moved_into("trainer", settings_in(kind.settings))}


def known_settings(model: str) -> Known:
    """All settings of a run of a model, by name.

    Raises:
        UsageError: If there is no such model.
    """
    return _known(find_model(model))


def settings_with(model: str, changes: Mapping[str, Any]) -> RunSettings:
    """The default settings of a model, with some of them changed, by name.

    Raises:
        UsageError: If there is no such model or setting, or a value is not allowed.
    """
    kind = find_model(model)
    known = known_settings(model)
    _check_names(changes, known, model)
    other = changes.get("model", model)
    if not isinstance(other, str) or other != model:
        raise UsageError(f"two models are named, {model} and {shown(other)}: choose one")
    defaults = RunSettings(model=model, backend=BackendSettings(name=kind.backend))
    return with_values(defaults, changes, known)


def settings_from(settings: RunSettings | None, changes: Mapping[str, Any]) -> RunSettings:
    """Settings as a program hands them over: whole, by name, or both.

    Raises:
        UsageError: As ``settings_with``.
    """
    if settings is None:
        rest = {name: value for name, value in changes.items() if name != "model"}
        return settings_with(changes.get("model", RunSettings.model), rest)
    if not isinstance(settings, RunSettings):
        raise UsageError(f"settings are {shown(settings)}: must be RunSettings")
    return settings.changed(**changes)


def differences(one: RunSettings, other: RunSettings) -> list[tuple[str, Any, Any]]:
    """Name and values of each setting in which two differ; those of the data's place aside."""
    mine, theirs = one.values(), other.values()
    moved = {"data_dir"}
    if one.data.own_file and other.data.own_file:
        moved.add("data")
    names = dict.fromkeys((*mine, *theirs))
    return [
        (name, mine.get(name), theirs.get(name))
        for name in names
        if name not in moved and mine.get(name) != theirs.get(name)
    ]


def _check_names(names: Mapping[str, Any], known: Known, model: str) -> None:
    """Raise UsageError for a name that is no setting, or one of other models only."""
    if not isinstance(names, Mapping):
        raise UsageError(f"settings are {shown(names)}: must be names and values")
    for name in names:
        owners = [other for other in MODELS if other != model and name in known_settings(other)]
        if name not in known and owners:
            raise UsageError(
                f"model {model} has no {name.replace('_', '-')}: that is a setting of {', '.join(owners)}"
            )
    check_known(names, known)
