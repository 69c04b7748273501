"""The registry of ansatze: those that come with sqsq are known by name, a user's own by their definitions."""

import re

from sqsq.checks import did_you_mean
from sqsq.errors import UsageError
from sqsq.model.ansatz import Ansatz
from sqsq.model.ansatz_definition import AnsatzDefinition
from sqsq.model.ansatz_drawing import draw_definition

_NAME = re.compile(r"\w([\w .+-]*[\w.+-])?")
_LONGEST_NAME = 100

_ANSATZE: dict[str, Ansatz] = {}
_BUILT_IN: set[str] = set()
_RESTORED: set[str] = set()
"""Those of which nothing but definitions is known here."""
_DEFINITIONS: dict[tuple[str, int, int], AnsatzDefinition | None] = {}
"""By name, N and N^M; None for classical neurons."""


def register_built_in(ansatz: Ansatz) -> Ansatz:
    """Make an ansatz available that comes with sqsq: its name says all that it is."""
    _BUILT_IN.add(ansatz.name)
    _ANSATZE[ansatz.name] = ansatz
    return ansatz


def register_ansatz(ansatz: Ansatz) -> Ansatz:
    """Make an ansatz available by its name.

    What it draws for a size is written down when the first such neuron is made (at once where it has one
    size only) and is what runs from then on.

    Raises:
        UsageError: If the name cannot be used or is taken by another ansatz, or what is drawn or declared is
            wrong.
    """
    if not isinstance(ansatz, Ansatz):
        raise UsageError(f"an ansatz to register is a {type(ansatz).__name__}: must be an Ansatz")
    name = ansatz.name
    _check_name(name)
    known = _ANSATZE.get(name)
    if known is ansatz:
        return ansatz
    if known is None:
        if ansatz.size is not None:
            _DEFINITIONS[name, *ansatz.size] = draw_definition(ansatz, *ansatz.size)
    else:
        sizes = [(io, memory) for other, io, memory in _DEFINITIONS if other == name]
        drawn = {size: _DEFINITIONS[name, *size] for size in sizes}
        alike = name not in _BUILT_IN and known.size == ansatz.size and None not in drawn.values()
        if not alike or any(draw_definition(ansatz, *size) != own for size, own in drawn.items()):
            raise _taken(name)
        _RESTORED.discard(name)
    _ANSATZE[name] = ansatz
    return ansatz


def register_definition(definition: AnsatzDefinition) -> Ansatz:
    """Make an ansatz available as it was written down, here or elsewhere; an equal one may be there already.

    Raises:
        UsageError: If the name cannot be used, or is taken by another ansatz.
    """
    name, size = definition.name, definition.size
    _check_name(name)
    known = _ANSATZE.get(name)
    if known is not None and (name in _BUILT_IN or known.size != (None if definition.any_size else size)):
        raise _taken(name)
    if known is None:
        _RESTORED.add(name)
        _ANSATZE[name] = _restored(definition)
    if name in _RESTORED:
        _DEFINITIONS.setdefault((name, *size), definition)
    here = definition_of(name, *size)
    if here != definition:
        both = "" if here is None else f" ({here.digest[:8]}, not {definition.digest[:8]})"
        raise _taken(name, both)
    return _ANSATZE[name]


def definition_of(name: str, io_qubits: int, memory_qubits: int) -> AnsatzDefinition | None:
    """The definition of a user's ansatz for a size; None for those that come with sqsq, and classical ones.

    Raises:
        UsageError: If there is no such ansatz, it has no such size, or what it draws or declares is wrong.
    """
    ansatz = find_ansatz(name)
    if name in _BUILT_IN:
        return None
    key = (name, io_qubits, memory_qubits)
    if key not in _DEFINITIONS:
        _DEFINITIONS[key] = draw_definition(ansatz, io_qubits, memory_qubits)
    return _DEFINITIONS[key]


def find_ansatz(name: str) -> Ansatz:
    """Return the ansatz registered under ``name``.

    Raises:
        UsageError: If there is none, naming those there are.
    """
    if not isinstance(name, str) or name not in _ANSATZE:
        raise UsageError(
            f"unknown ansatz {name!r}{did_you_mean(name, ansatz_names())}: choose from "
            f"{', '.join(ansatz_names())}, or register your own in the "
            "same Python process (sqsq.ansatz_from_circuit); runs and models bring theirs along"
        )
    return _ANSATZE[name]


def ansatz_names() -> tuple[str, ...]:
    """The names of all registered ansatze, the default first; classical neurons have none."""
    return tuple(name for name, ansatz in _ANSATZE.items() if ansatz.append is not None)


def _check_name(name: object) -> None:
    """Raise UsageError unless a name can be typed on a command line and be part of a file's name."""
    if not isinstance(name, str) or len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise UsageError(
            f"an ansatz cannot be named {name!r}: up to {_LONGEST_NAME} letters, digits, '_', '-', '.', '+', "
            "and spaces between them"
        )


def _taken(name: str, digests: str = "") -> UsageError:
    if name in _BUILT_IN:
        return UsageError(f"an ansatz named {name!r} comes with sqsq: choose another name")
    return UsageError(
        f"an ansatz named {name!r} is registered already, with another definition{digests}: register one of "
        "the two under another name"
    )


def _restored(definition: AnsatzDefinition) -> Ansatz:
    """An ansatz of which nothing but definitions is known."""
    name = definition.name

    def known(io_qubits: int, memory_qubits: int) -> AnsatzDefinition:
        found = _DEFINITIONS.get((name, io_qubits, memory_qubits))
        if found is None:
            raise UsageError(
                f"ansatz {name!r} is not known for {io_qubits} io and {memory_qubits} memory qubits, only as "
                "it was stored: register it to use it for others"
            )
        return found

    return Ansatz(
        name,
        definition.summary,
        lambda io_qubits, memory_qubits: known(io_qubits, memory_qubits).angles,
        lambda circuit, io, memory, theta: known(len(io), len(memory)).append(circuit, io, memory, theta),
        None if definition.any_size else definition.size,
        definition.rectified,
    )
