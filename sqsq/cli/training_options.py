"""Options of the commands that train, made from settings: one default, one check, one help text."""

from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import click

from sqsq.checks import Setting
from sqsq.cli.example_command import ExampleCommand
from sqsq.cli.option_types import INTEGERS, NAMES, NUMBERS, PACK
from sqsq.cli.resource_options import resource_options
from sqsq.models import MODELS
from sqsq.runs import known_settings, settings_with

Command = TypeVar("Command", bound=Callable[..., Any])

_EARLIER = {"forward": "--execution"}
"""Names that options had before, which still do."""
_WITHOUT_VALUE = {"readout": "calibration"}
"""What an option means that is given without a value."""


def setting_options(names: Collection[str], models: Collection[str]) -> Callable[[Command], Command]:
    """The options of some settings.

    Args:
        names: The settings.
        models: The models whose settings they may be; where their defaults differ, help says so.
    """

    def add(command: Command) -> Command:
        for name in reversed(list(names)):
            command = setting_option(name, models)(command)
        return command

    return add


def setting_option(name: str, models: Collection[str]) -> Callable[[Command], Command]:
    """The option of a setting; where the user gives none it is left to the settings."""
    owners = [model for model in models if name in known_settings(model)]
    setting = known_settings(owners[0])[name]
    defaults = {model: _shown(setting, _defaults(model)[name]) for model in owners}
    option = name.replace("_", "-")
    kind = _bare(setting.kind)
    if kind is bool:
        on = defaults[owners[0]] == "yes"
        words = f"--{option}/--no-{option}" if on else f"--{option}"
        help_text = setting.says.words + ("  [default: on]" if on else "")
        return click.option(words, name, is_flag=True, default=None, help=help_text)
    attributes: dict[str, Any] = {"type": _type(kind), "metavar": setting.says.metavar}
    if name in _WITHOUT_VALUE:
        attributes |= {"is_flag": False, "flag_value": _WITHOUT_VALUE[name]}
    shown = list(dict.fromkeys(defaults.values()))
    default = shown[0]
    if len(shown) > 1 and name != "model":
        default = "; ".join(f"{model}: {value}" for model, value in defaults.items())
    words = setting.says.words + (f"  [default: {default}]" if default else "")
    names = [f"--{option}", *([_EARLIER[name]] if name in _EARLIER else [])]
    return click.option(*names, name, default=None, help=words, **attributes)


@cache
def _defaults(model: str) -> dict[str, Any]:
    return settings_with(model, {}).values()


def sections_of(models: Collection[str], without: Collection[str] = ()) -> dict[str, list[str]]:
    """The settings of some models by the section of help in which they stand."""
    sections: dict[str, list[str]] = {title: [] for title in _TITLES}
    for model in models:
        for name, setting in known_settings(model).items():
            section = sections.setdefault(setting.section, [])
            if name not in without and all(name not in names for names in sections.values()):
                section.append(name)
    return sections


_TITLES = (
    *(
        "Model",
        "Data",
        "Network",
        "Local rule",
        "Read-out",
        "Training",
        "Evaluation",
        "Backend",
        "Mitigation",
    ),
    "How it is carried out",
    "Run",
)
_RUN = (
    click.option("--run-dir", type=click.Path(path_type=Path), help="Run directory.  [default: runs/<time>]"),
    click.option("--resume", is_flag=True, help="Go on with the run in the run directory, if there is one."),
    click.option("--dry-run", is_flag=True, help="Print what the run would cost, and run nothing."),
    click.option("--yes", is_flag=True, help="Do not ask before spending QPU time."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line."),
)


def training_options(models: Collection[str], without: Collection[str] = ()) -> Callable[[Command], Command]:
    """All options of training some models, in the order in which help shows them.

    Args:
        models: The models.
        without: Settings that get no option.
    """

    def add(command: Command) -> Command:
        for option in reversed(_RUN):
            command = option(command)
        command = resource_options()(command)
        for names in reversed(list(sections_of(models, without).values())):
            command = setting_options(names, models)(command)
        return command

    return add


class TrainingCommand(ExampleCommand):
    """A command whose help has sections, and examples at its end."""

    def __init__(self, *arguments: Any, models: Collection[str] = tuple(MODELS), **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._models = models

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, section by section."""
        options = {str(each.name): each for each in self.get_params(ctx) if isinstance(each, click.Option)}
        sections = sections_of(self._models)
        carried_out = _names((resource_options(),))
        sections["How it is carried out"] = carried_out
        sections["Run"] += _names(_RUN)
        grouped = {name for names in sections.values() for name in names}
        sections["Run"] += [name for name, each in options.items() if "--help" in each.opts]
        own = [name for name in options if name not in grouped and name not in sections["Run"]]
        sections["Data"] = [*own, *sections["Data"]]
        for title, names in sections.items():
            records = (options[name].get_help_record(ctx) for name in names if name in options)
            if written := [record for record in records if record is not None]:
                with formatter.section(title):
                    formatter.write_dl(written)


def _names(options: tuple[Callable[[Any], Any], ...]) -> list[str]:
    """The names of the parameters that some options make."""

    def nothing() -> None:
        pass

    for option in reversed(options):
        option(nothing)
    return [str(param.name) for param in reversed(nothing.__click_params__)]  # type: ignore[attr-defined]


def _bare(kind: Any) -> Any:
    """A kind without its annotations, and without None."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in (Union, UnionType):
        others = [each for each in get_args(kind) if each is not type(None)]
        if len(others) == 1:
            return _bare(others[0])
    return kind


def _type(kind: Any) -> Any:
    """What click reads for a kind."""
    if get_origin(kind) is Literal:
        return click.Choice(get_args(kind))
    if get_origin(kind) is tuple:
        return {int: INTEGERS, float: NUMBERS, str: NAMES}[_bare(get_args(kind)[0])]
    if get_origin(kind) in (Union, UnionType):
        return PACK
    return click.Path(path_type=Path) if kind is Path else kind


def _shown(setting: Setting, value: Any) -> str:
    """A default in words; empty where there is nothing to say."""
    if value is None or value == ():
        return setting.says.empty or ""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, tuple):
        return ",".join(f"{each:g}" if isinstance(each, float) else str(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
