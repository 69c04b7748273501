"""Settings that hold settings, each with one name of its own by which programs and commands change it.

A setting is a field with a ``Says``; a group is a field whose kind is a dataclass. All else is left alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args, get_origin

from sqsq.checks.fields import kinds_of
from sqsq.checks.plain import Says
from sqsq.checks.shown import shown
from sqsq.checks.suggestion import did_you_mean
from sqsq.errors import UsageError

Settings = TypeVar("Settings")


@dataclass(frozen=True)
class Setting:
    """One setting.

    Attributes:
        name: Its name among all, with underscores.
        path: The fields that lead to it.
        kind: Its annotation.
        says: What it is.
        section: The ``section`` of the dataclass that holds it: where help shows it.
    """

    name: str
    path: tuple[str, ...]
    kind: Any
    says: Says
    section: str


Known = Mapping[str, Setting]
"""All settings of some kind, by name, in order."""


def settings_in(kind: Any) -> Known:
    """All settings of a dataclass and of its groups."""
    return _settings_in(kind)


@cache
def _settings_in(kind: Any) -> Known:
    found: dict[str, Setting] = {}
    for field in fields(kind):
        annotation = kinds_of(kind)[field.name]
        if is_dataclass(annotation):
            found |= moved_into(field.name, settings_in(annotation))
        elif (says := _says(annotation)) is not None:
            name = says.name or field.name
            section = getattr(kind, "section", "")
            found[name] = Setting(name, (field.name,), annotation, says, section)
    return found


def moved_into(field: str, known: Known) -> dict[str, Setting]:
    """The same settings where their group is the value of a field."""
    return {name: replace(each, path=(field, *each.path)) for name, each in known.items()}


def value_of(settings: Any, setting: Setting) -> Any:
    """The value of a setting."""
    for name in setting.path:
        settings = getattr(settings, name)
    return settings


def with_values(settings: Settings, changes: Mapping[str, Any], known: Known | None = None) -> Settings:
    """Settings with some of them changed, wherever they stand.

    Args:
        settings: The settings.
        changes: New values by name.
        known: All settings there are; those of the dataclass if None.

    Raises:
        UsageError: If there is no setting of a name, or a value is not allowed.
    """
    known = settings_in(type(settings)) if known is None else known
    check_known(changes, known)
    changed: Settings = _with(settings, {known[name].path: value for name, value in changes.items()})
    return changed


def check_known(names: Iterable[str], known: Iterable[str]) -> None:
    """Raise UsageError if a name is none of the settings there are."""
    known = list(known)
    for name in names:
        if name not in known:
            meant = did_you_mean(name, known)
            raise UsageError(f"unknown setting {shown(name)}{meant}: settings are {', '.join(known)}")


def nested_json(settings: Any, known: Known | None = None) -> dict[str, Any]:
    """Settings as JSON types, group by group; paths are made absolute."""
    values: dict[str, Any] = {}
    for setting in (settings_in(type(settings)) if known is None else known).values():
        into = values
        for name in setting.path[:-1]:
            into = into.setdefault(name, {})
        into[setting.path[-1]] = _json(value_of(settings, setting))
    return values


def from_nested_json(defaults: Settings, values: Any, known: Known | None = None) -> Settings:
    """Read what ``nested_json`` wrote; what is not there is as in the defaults.

    Raises:
        UsageError: If a setting is unknown or not allowed.
    """
    known = settings_in(type(defaults)) if known is None else known
    flat: dict[tuple[str, ...], Any] = {}
    _flatten(values, (), {setting.path for setting in known.values()}, flat)
    found: Settings = _with(defaults, flat)
    return found


def _flatten(
    values: Any, path: tuple[str, ...], known: set[tuple[str, ...]], flat: dict[tuple[str, ...], Any]
) -> None:
    where = ".".join(path)
    if not isinstance(values, dict):
        raise UsageError(f"settings{where and ' ' + where} are {shown(values)}: must be names and values")
    for name, value in values.items():
        here = (*path, name)
        if here in known:
            flat[here] = value
        elif any(each[: len(here)] == here for each in known):
            _flatten(value, here, known, flat)
        else:
            name = shown(".".join(map(str, here)))
            raise UsageError(f"unknown setting {name}: another version of sqsq, or of the model, wrote it")


def _with(settings: Any, changes: Mapping[tuple[str, ...], Any]) -> Any:
    own: dict[str, Any] = {}
    groups: dict[str, dict[tuple[str, ...], Any]] = {}
    for path, value in changes.items():
        if len(path) == 1:
            own[path[0]] = value
        else:
            groups.setdefault(path[0], {})[path[1:]] = value
    nested = {name: _with(getattr(settings, name), inner) for name, inner in groups.items()}
    return replace(settings, **own, **nested) if own or nested else settings


def _says(annotation: Any) -> Says | None:
    notes = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    return next((note for note in notes if isinstance(note, Says)), None)


def _json(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value.resolve())
    return list(value) if isinstance(value, tuple) else value
