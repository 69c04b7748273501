"""What a user declares of the angles of an ansatz, checked: an exact shift rule rests on it."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np

from sqsq.errors import UsageError
from sqsq.model.ansatz_definition import AnsatzGate
from sqsq.model.oscillations import oscillation_of


def checked_frequencies(
    gates: Sequence[AnsatzGate],
    qubits: int,
    angles: Sequence[str],
    declared: Sequence[tuple[float, ...]] | None,
) -> list[tuple[float, ...]]:
    """Find the frequencies of every angle, or check declared ones; more than there are do no harm.

    Args:
        gates: What the angles turn.
        qubits: How many qubits there are.
        angles: The names of the angles, in the order of theta.
        declared: For each the frequencies that are declared; all are looked for if None.

    Raises:
        UsageError: If an angle has no effect, or oscillates with a frequency that is not declared, or with
            others than are looked for and none are declared.
    """
    result = []
    for k, angle in enumerate(angles):
        oscillation = oscillation_of(gates, qubits, len(angles), k)
        found = oscillation.find_frequencies()
        if found == ():
            raise UsageError(f"angle {angle!r} turns nothing but a global phase: leave it out")
        if declared is None and found is None:
            raise UsageError(
                f"the frequencies of angle {angle!r} are not multiples of 1/4 below 16: declare them"
            )
        own = found if declared is None else declared[k]
        assert own is not None
        missing = [f for f in found or () if not np.isclose(own, f, rtol=1e-9, atol=0).any()]
        if missing:
            raise UsageError(
                f"angle {angle!r} is declared with frequencies {_list(own)}, but oscillates with "
                f"{_list(found or ())}: declare {_list(missing)} too"
            )
        if found is None and not oscillation.has_frequencies(own):
            raise UsageError(
                f"angle {angle!r} is declared with frequencies {_list(own)}, but oscillates with others, not "
                "all multiples of 1/4 below 16: declare all sums and differences of the multiples of it that "
                "turn a gate"
            )
        if not oscillation.shift_rule_holds(own):
            raise UsageError(
                f"angle {angle!r} is declared with frequencies {_list(own)}, whose shift rule magnifies "
                "every error: leave out those that are too near each other or too large"
            )
        result.append(own)
    return result


def frequencies_as_numbers(declared: Any, angles: int) -> list[tuple[float, ...]]:
    """Declared frequencies, increasing, one tuple an angle.

    Raises:
        UsageError: If they are not as many lists as angles, each of positive, finite, different numbers.
    """
    try:
        lists = [tuple(float(f) for f in each) for each in declared]
    except (TypeError, ValueError):
        raise UsageError(f"frequencies are {declared!r}: must be a list of numbers for each angle") from None
    if len(lists) != angles or not all(own and all(isfinite(f) and f > 0 for f in own) for own in lists):
        raise UsageError(
            f"frequencies must be one or more finite, positive numbers for each angle: {angles} lists, not "
            f"[{', '.join(map(_list, lists))}]"
        )
    for own in lists:
        if len(set(own)) < len(own):
            raise UsageError(f"frequencies of an angle are {_list(own)}: must be different numbers")
    return [tuple(sorted(own)) for own in lists]


def spread_as_number(spread: Any) -> float:
    """A declared spread, radians.

    Raises:
        UsageError: If it is no finite number of at least 0.
    """
    try:
        number = float(spread)
    except (TypeError, ValueError):
        number = float("nan")
    if not (isfinite(number) and number >= 0):
        raise UsageError(f"spread is {spread!r}: must be a finite number of at least 0, radians")
    return number


def _list(frequencies: Sequence[float]) -> str:
    return f"({', '.join(f'{f:g}' for f in frequencies)})"
