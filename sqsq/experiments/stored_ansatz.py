"""A user's own ansatz among stored settings: its name alone would not say which circuit was trained."""

from typing import Any

from sqsq.errors import UsageError
from sqsq.model import AnsatzDefinition, Neuron, register_definition

ANSATZ_DEFINITION = "ansatz_definition"
"""Where it stands among the settings."""


def ansatz_to_json(neuron: Neuron) -> dict[str, Any]:
    """What settings keep of a user's own ansatz; nothing for those that come with sqsq."""
    own = neuron.own_definition
    return {} if own is None else {ANSATZ_DEFINITION: own.to_json()}


def restore_ansatz(values: dict[str, Any]) -> dict[str, Any]:
    """Register the own ansatz of stored settings, where they have one.

    Returns:
        The settings without it.

    Raises:
        UsageError: If another one is registered under its name, or the definition is damaged.
    """
    rest = {name: value for name, value in values.items() if name != ANSATZ_DEFINITION}
    if ANSATZ_DEFINITION in values:
        register_definition(AnsatzDefinition.from_json(values[ANSATZ_DEFINITION]))
    return rest


def check_restored(values: dict[str, Any], neuron: Neuron) -> None:
    """Check that stored settings say which circuit a user's own ansatz is, and that it is that of the neuron.

    Raises:
        UsageError: If they do not, or it is another's.
    """
    own = neuron.own_definition
    stored = values.get(ANSATZ_DEFINITION)
    if (None if own is None else own.digest) != (None if stored is None else stored["digest"]):
        raise UsageError(
            f"the settings do not say which circuit ansatz {neuron.ansatz!r} is: an older sqsq wrote them, "
            "or they were edited"
        )
