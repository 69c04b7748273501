"""The gates that a user's ansatz is written down in: Qiskit's standard ones on one or two qubits."""

from functools import cache
from typing import Any

BARRIER = "barrier"
"""No gate, but written down among them: transpilers merge nothing across it."""

GATES: dict[str, tuple[int, int]] = {
    **dict.fromkeys(("id", "x", "y", "z", "h", "s", "sdg", "t", "tdg", "sx", "sxdg"), (1, 0)),
    **dict.fromkeys(("rx", "ry", "rz", "p", "u1"), (1, 1)),
    **{"r": (1, 2), "u2": (1, 2), "u": (1, 3), "u3": (1, 3)},
    **dict.fromkeys(("cx", "cy", "cz", "ch", "cs", "csdg", "csx", "swap", "iswap", "ecr", "dcx"), (2, 0)),
    **dict.fromkeys(("crx", "cry", "crz", "cp", "cu1", "rxx", "ryy", "rzz", "rzx"), (2, 1)),
    **{"xx_minus_yy": (2, 2), "xx_plus_yy": (2, 2), "cu3": (2, 3), "cu": (2, 4)},
}
"""How many qubits and angles each has."""


@cache
def gate_class(name: str) -> Any:
    """The Qiskit class of a standard gate, called with its angles."""
    from qiskit.circuit.library import get_standard_gate_name_mapping

    return get_standard_gate_name_mapping()[name].base_class
