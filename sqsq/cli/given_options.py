"""Which options the user gave, whatever their values."""

from typing import Any

import click
from click.core import ParameterSource

_NOT_GIVEN = (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP)


def given_options() -> dict[str, Any]:
    """The parameters of the running command that were given on the command line or in the environment.

    A value that equals a default is given all the same.
    """
    context = click.get_current_context()
    return {
        name: value
        for name, value in context.params.items()
        if context.get_parameter_source(name) not in _NOT_GIVEN
    }
